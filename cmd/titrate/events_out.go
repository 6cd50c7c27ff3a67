package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/infra/kafka"
)

// outFlags says where wire events go: lines to a file or stdout, or to Kafka.
type outFlags struct {
	brokerFlags
	out string
}

func (o *outFlags) add(cmd *cobra.Command) {
	o.brokerFlags.add(cmd)
	cmd.Flags().Lookup("brokers").DefValue = ""
	o.brokers = ""
	cmd.Flags().StringVar(&o.out, "out", "-", "file for the events, one JSON object a line, - for stdout; or give --brokers")
	rival(cmd.Flags(), "out", "brokers")
}

// summaryOut is where the job's summary goes: not among events on stdout.
func (o *outFlags) summaryOut(cmd *cobra.Command) io.Writer {
	if o.brokers == "" && o.out == "-" {
		return cmd.ErrOrStderr()
	}
	return cmd.OutOrStdout()
}

// eventsOut takes wire events. Flush lets readers see them, Close makes them safe;
// Abort leaves no half file.
type eventsOut interface {
	Write(kafka.Message) error
	Flush() error
	Close() error
	Abort()
}

func (o *outFlags) open(ctx context.Context, stdout io.Writer) (eventsOut, error) {
	if err := directoryOf("--out", o.out); err != nil {
		return nil, err
	}
	if o.brokers != "" {
		return o.openTopic(ctx)
	}
	if o.out == "-" {
		return &lines{w: bufio.NewWriterSize(stdout, 1<<16)}, nil
	}
	return createLines(o.out)
}

func (o *outFlags) openTopic(ctx context.Context) (eventsOut, error) {
	cfg, err := o.brokerFlags.open(ctx)
	if err != nil {
		return nil, err
	}
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		return nil, err
	}
	return &topicOut{ctx: ctx, producer: producer, topic: o.topic}, nil
}

// lines writes JSON lines. A file appears under its name only when it is whole.
type lines struct {
	w    *bufio.Writer
	file *os.File // nil for stdout
	name string   // "" for what can't be renamed
}

func createLines(name string) (*lines, error) {
	// A device or a pipe can't be replaced by a file, and must not be.
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return openLines(name)
	}
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return &lines{w: bufio.NewWriterSize(file, 1<<16), file: file, name: name}, nil
}

func openLines(name string) (*lines, error) {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return &lines{w: bufio.NewWriterSize(file, 1<<16), file: file}, nil
}

func (l *lines) Write(m kafka.Message) error {
	l.w.Write(m.Value)
	if err := l.w.WriteByte('\n'); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

func (l *lines) Flush() error {
	if err := l.w.Flush(); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

func (l *lines) Close() error {
	err := l.w.Flush()
	if l.file == nil {
		return err
	}
	if l.name == "" {
		return errors.Join(err, l.file.Close())
	}
	err = errors.Join(err, l.file.Chmod(0o644), l.file.Close())
	if err == nil {
		err = os.Rename(l.file.Name(), l.name)
	}
	if err != nil {
		l.Abort()
		return fmt.Errorf("write %s: %w", l.name, err)
	}
	return nil
}

func (l *lines) Abort() {
	if l.file == nil {
		return
	}
	l.file.Close()
	if l.name != "" {
		os.Remove(l.file.Name())
	}
}

// topicOut produces to Kafka; Close waits for every acknowledgement.
type topicOut struct {
	ctx      context.Context
	producer *kafka.Producer
	topic    string
}

func (o *topicOut) Write(m kafka.Message) error {
	m.Topic = o.topic
	return o.producer.Enqueue(o.ctx, m)
}

// Flush waits for nothing: the producer sends what it has within milliseconds, and
// Close tells what could not be written.
func (o *topicOut) Flush() error { return nil }

func (o *topicOut) Close() error {
	return errors.Join(o.producer.Flush(o.ctx), o.producer.Close())
}

func (o *topicOut) Abort() { o.producer.Close() }
