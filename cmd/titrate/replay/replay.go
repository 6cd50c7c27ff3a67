// Package replay turns messages of the lake's quarantine, repaired or as they are,
// into messages of the log again, each at most once.
//
// What is sent is written down before it is sent, as a plan in the lake
// (_replay/<n>.json, put only if its name is free), and marked as done afterwards.
// A replay that was killed in between is completed by the next: each message
// carries where it came from in a header, so the log itself says which were sent.
package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cmd/titrate/query"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
)

// Header names a message's place in quarantine: <topic-id>/<partition>/<offset>.
const Header = "titrate-replay"

// Options are what to replay, and where to.
type Options struct {
	query.Selection
	DryRun bool // only judge
	All    bool // send also what would be quarantined again
	Again  bool // send also what a replay has sent before
	Writer string
	Book   *cleanse.Book
	Now    time.Time // for the rules that ask how old a message is
}

// Log is where messages are sent, and read back after a replay was killed.
type Log interface {
	Send(ctx context.Context, messages []kafka.Message) error
	Topic(ctx context.Context, name string) (id string, extents map[int32]kafka.Extent, err error)
	Read(ctx context.Context, topic string, partition int32, from, to int64, fn func(ingest.Record)) error
}

// Summary counts what became of the selected messages: Selected is the sum of
// Sent, Before, Hopeless and Still.
type Summary struct {
	Selected int            `json:"selected"`
	Sent     int            `json:"sent"`   // with DryRun: would be sent
	Before   int            `json:"before"` // sent by an earlier replay
	Hopeless int            `json:"hopeless"`
	Still    int            `json:"still_bad"` // not sent: they would be quarantined again
	Codes    map[string]int `json:"codes"`     // why
	Resumed  int            `json:"resumed"`   // sent for a replay that was killed
	DryRun   bool           `json:"dry_run,omitempty"`
}

// message is a message of a plan.
type message struct {
	TopicID   string `json:"topic_id"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Key       []byte `json:"key"`
	Payload   []byte `json:"payload"`
}

func (m *message) origin() string { return fmt.Sprintf("%s/%d/%d", m.TopicID, m.Partition, m.Offset) }

// plan is what one replay sends.
type plan struct {
	Topic    string          `json:"topic"`
	Writer   string          `json:"writer"`
	Where    string          `json:"where"`
	Ends     map[int32]int64 `json:"ends"` // of the log's partitions, before anything was sent
	Messages []message       `json:"messages"`
}

// atOnce is how many messages a plan has at most.
const atOnce = 5000

// Run replays. One replay at a time is to work on a lake.
func Run(ctx context.Context, bucket lake.Bucket, db *query.DB, log Log, o Options) (Summary, error) {
	r := &replay{bucket: bucket, log: log, o: o, sent: map[string]bool{}, summary: Summary{Codes: map[string]int{}, DryRun: o.DryRun}}
	if err := r.history(ctx); err != nil {
		return r.summary, fmt.Errorf("replay: %w", err)
	}
	var waiting []message
	err := db.Quarantine(ctx, o.Selection, func(q query.Quarantined) error {
		if m, ok := r.judge(q); ok {
			waiting = append(waiting, m)
		}
		return nil
	})
	if err != nil {
		return r.summary, fmt.Errorf("replay: %w", err)
	}
	for len(waiting) > 0 {
		n := min(len(waiting), atOnce)
		if err := r.send(ctx, waiting[:n]); err != nil {
			return r.summary, fmt.Errorf("replay: %w", err)
		}
		waiting = waiting[n:]
	}
	return r.summary, nil
}

// replay is one call of Run.
type replay struct {
	bucket  lake.Bucket
	log     Log
	o       Options
	next    int // number of the next plan
	sent    map[string]bool
	summary Summary
}

// judge says whether a message is to be sent, and what it then is.
func (r *replay) judge(q query.Quarantined) (message, bool) {
	r.summary.Selected++
	m := message{TopicID: q.TopicID, Partition: q.Partition, Offset: q.Offset, Key: q.Key, Payload: q.Repaired}
	if r.sent[m.origin()] && !r.o.Again {
		r.summary.Before++
		return m, false
	}
	if q.Repaired == nil && q.Payload != nil {
		r.summary.Hopeless++
		return m, false
	}
	v := r.o.Book.Check(ingest.Record{Topic: r.o.Topic, Key: m.Key, Value: m.Payload, Seen: r.o.Now})
	for _, reason := range v.Reasons {
		r.summary.Codes[reason.Code]++
	}
	if v.Outcome == cleanse.Quarantined && !r.o.All {
		r.summary.Still++
		return m, false
	}
	if v.Outcome != cleanse.Quarantined && len(m.Key) == 0 {
		m.Key = []byte(v.Event.Patient) // a key that is another patient's is a reason, not repaired here
	}
	r.summary.Sent++
	return m, !r.o.DryRun
}

// history reads what earlier replays sent, and completes one that was killed.
func (r *replay) history(ctx context.Context) error {
	var plans []string
	done := map[string]bool{}
	err := r.bucket.List(ctx, "_replay/", "", func(o lake.Object) error {
		if stem, ok := strings.CutSuffix(o.Name, ".json"); ok {
			plans = append(plans, stem)
		} else if stem, ok := strings.CutSuffix(o.Name, ".done"); ok {
			done[stem] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.next = len(plans)
	for _, stem := range plans {
		p, err := r.read(ctx, stem+".json")
		if err != nil {
			return err
		}
		for i := range p.Messages {
			r.sent[p.Messages[i].origin()] = true
		}
		if !done[stem] && !r.o.DryRun {
			if err := r.resume(ctx, stem, p); err != nil {
				return fmt.Errorf("complete %s.json: %w", stem, err)
			}
		}
	}
	return nil
}

func (r *replay) read(ctx context.Context, name string) (*plan, error) {
	f, err := r.bucket.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := &plan{}
	if err := json.NewDecoder(io.NewSectionReader(f, 0, f.Size())).Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// resume sends what the log lacks of a plan.
func (r *replay) resume(ctx context.Context, stem string, p *plan) error {
	_, extents, err := r.log.Topic(ctx, p.Topic)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for number, extent := range extents {
		from := p.Ends[number] // 0 of a partition that is new
		if from < extent.Low {
			return fmt.Errorf("partition %d of %s now begins at %d, behind the plan's %d: whether its messages were sent can't be told; "+
				"look for them in raw and put %s.done", number, p.Topic, extent.Low, from, stem)
		}
		err := r.log.Read(ctx, p.Topic, number, from, extent.End, func(rec ingest.Record) {
			for _, h := range rec.Headers {
				if h.Key == Header {
					there[string(h.Value)] = true
				}
			}
		})
		if err != nil {
			return err
		}
	}
	var missing []message
	for _, m := range p.Messages {
		if !there[m.origin()] {
			missing = append(missing, m)
		}
	}
	r.summary.Resumed += len(missing)
	return r.produce(ctx, stem, p.Topic, missing)
}

// send plans, sends and marks as done.
func (r *replay) send(ctx context.Context, messages []message) error {
	p := plan{Topic: r.o.Topic, Writer: r.o.Writer, Where: r.o.Where, Ends: map[int32]int64{}, Messages: messages}
	_, extents, err := r.log.Topic(ctx, r.o.Topic)
	if err != nil {
		return err
	}
	for number, extent := range extents {
		p.Ends[number] = extent.End
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	stem := fmt.Sprintf("_replay/%020d", r.next)
	err = r.bucket.Put(ctx, stem+".json", lake.Bytes(body))
	if errors.Is(err, lake.ErrExists) {
		return fmt.Errorf("another replay is at work (%s.json): start again when it is done", stem)
	}
	if err != nil {
		return err
	}
	r.next++
	return r.produce(ctx, stem, p.Topic, messages)
}

func (r *replay) produce(ctx context.Context, stem, topic string, messages []message) error {
	var out []kafka.Message
	for _, m := range messages {
		out = append(out, kafka.Message{Topic: topic, Key: m.Key, Value: m.Payload,
			Headers: []ingest.Header{{Key: Header, Value: []byte(m.origin())}}})
	}
	if len(out) > 0 {
		if err := r.log.Send(ctx, out); err != nil {
			return err
		}
	}
	err := r.bucket.Put(ctx, stem+".done", lake.Bytes([]byte("{}\n")))
	if errors.Is(err, lake.ErrExists) {
		err = nil
	}
	return err
}
