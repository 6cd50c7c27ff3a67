package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cmd/titrate/query"
	"github.com/titrate/titrate/cmd/titrate/replay"
	"github.com/titrate/titrate/infra/kafka"
)

// quarantineReplay sends messages of quarantine through again.
type quarantineReplay struct {
	brokers   brokerFlags
	transform string
	chosen    bool
	o         replay.Options
}

func (q *quarantineReplay) add(cmd *cobra.Command) {
	q.brokers.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&q.chosen, "quarantine", false, "send messages of quarantine through again")
	flags.StringVar(&q.o.Where, "where", "", "which messages of quarantine (SQL); all if empty")
	flags.StringArrayVar(&q.o.Set, "set", nil, "set a member of the event: field=JSON or field=SQL; null takes it out (repeatable)")
	flags.StringVar(&q.transform, "transform", "", "file with an SQL expression that makes the new payload")
	flags.BoolVar(&q.o.All, "all", false, "send also what would be quarantined again")
	flags.BoolVar(&q.o.Again, "again", false, "send also what an earlier replay has sent")
}

// run replays; with dry it only says what it would do.
func (q *quarantineReplay) run(cmd *cobra.Command, dir string, rules *ruleFlags, dry bool) (err error) {
	if q.transform != "" {
		text, err := os.ReadFile(q.transform)
		if err != nil {
			return usagef("--transform: %w", err)
		}
		q.o.Transform = string(text)
	}
	if q.o.Book, err = rules.open(); err != nil {
		return err
	}
	cfg, err := q.brokers.open(cmd.Context())
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	q.o.Writer, q.o.Now = fmt.Sprintf("%s-%d", host, os.Getpid()), time.Now()
	q.o.Topic, q.o.DryRun = q.brokers.topic, dry
	s, err := replayJob(cmd.Context(), cfg, dir, q.o)
	if err != nil {
		return err
	}
	return printSummary(cmd.OutOrStdout(), s)
}

func replayJob(ctx context.Context, cfg kafka.Config, dir string, o replay.Options) (s replay.Summary, err error) {
	bucket, err := openLake(ctx, dir)
	if err != nil {
		return s, err
	}
	if strings.Contains(dir, "://") {
		var drop func() error
		if dir, drop, err = mirror(ctx, bucket, lake.Quarantine+"/", "_compact/"+lake.Quarantine+"/"); err != nil {
			return s, err
		}
		defer func() { err = errors.Join(err, drop()) }()
	}
	db, err := query.Open(ctx, dir)
	if err != nil {
		return s, err
	}
	defer db.Close()
	survey, err := kafka.OpenSurvey(cfg)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, survey.Close()) }()
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, producer.Close()) }()
	return replay.Run(ctx, bucket, db, replayLog{producer, survey}, o)
}

// replayLog is the log to send to and to read back from.
type replayLog struct {
	*kafka.Producer
	*kafka.Survey
}

// Close is nobody's: both are closed by whoever opened them.
func (replayLog) Close() error { return nil }
