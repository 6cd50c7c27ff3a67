package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/infra/ops"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/gateway"
	"github.com/titrate/titrate/predict"
	"golang.org/x/sync/errgroup"
)

// scoreGroup is the default consumer group of scorers.
const scoreGroup = "titrate-score"

// scorer is the streaming job: events in, recommendations and memory out.
type scorer struct {
	cfg   kafka.Config
	topic string
	group string
	// instance tells this process from the group's others, and stays the same over
	// its restarts: then a restart ends what its predecessor left unfinished at once.
	instance string
	charge   *charge
	rules    *cleanse.Book
	// folded, if any, is told of every record that was applied, as it is.
	folded func()
	// metrics, if any, count what was applied; what a failed transaction makes it apply
	// again counts again.
	metrics *ops.Metrics
}

func newScore() *cobra.Command {
	var brokers brokerFlags
	var group, instance, model, models, challenger, moments, in, out, metrics string
	var watch time.Duration
	var each bool
	var rules ruleFlags
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Answer events with recommendations: Kafka to Kafka, or line by line",
		Long: "Score reads the events topic and writes recommendations in Kafka transactions. With --in it reads\n" +
			"wire events from a file or stdin instead and writes one JSON line for each to --out; an event's own\n" +
			"time then stands for when it was seen. With --each every input line is answered at once by exactly\n" +
			"one line {\"n\":…,\"recommendations\":[…]}, so that a program can talk with it.",
		Example: `  titrate score --brokers localhost:9092 --models ./models
  titrate score --in events.jsonl --out advice.jsonl
  titrate score --in - --out - --each`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			collectBeyond(garbageSpared, garbage)
			if in != "" && metrics != "" {
				return usagef("--metrics goes with Kafka, not with --in")
			}
			if in == "" && (each || cmd.Flags().Changed("out")) {
				return usagef("--out and --each go with --in FILE or --in -")
			}
			if err := errors.Join(atLeast("--watch", watch, 0), directoryOf("--out", out)); err != nil {
				return err
			}
			book, err := rules.open()
			if err != nil {
				return err
			}
			noticing, err := readMoments(moments)
			if err != nil {
				return usageError{err}
			}
			scoring, err := openAdapted(cmd.Context(), models, model)
			if err != nil {
				return err
			}
			if in != "" {
				return scoreLines(cmd, predict.NewScorerBy(book, scoring), in, out, each)
			}
			cfg, err := brokers.open(cmd.Context())
			if err != nil {
				return err
			}
			inCharge, err := newCharge(cmd.Context(), scoring, models, challenger)
			if err != nil {
				return err
			}
			inCharge.change(func(s *standing) { s.moments = noticing })
			counted, stop, err := serveMetrics(cmd.Context(), metrics)
			if err != nil {
				return err
			}
			defer stop()
			s := scorer{cfg: cfg, topic: brokers.topic, group: group, instance: instance, charge: inCharge, rules: book, metrics: counted}
			group, ctx := errgroup.WithContext(cmd.Context())
			if model == champion && watch > 0 {
				group.Go(func() error { return inCharge.watch(ctx, models, challenger, watch) })
			}
			if moments != "" {
				group.Go(func() error { return inCharge.watchMoments(ctx, moments, momentsEvery) })
			}
			told := beginStint(&s, scoring.Name())
			group.Go(func() error { return s.run(ctx, told.ready) })
			if err := group.Wait(); err != nil {
				return err
			}
			return printSummary(cmd.OutOrStdout(), told.summary())
		},
	}
	brokers.add(cmd)
	modelFlags(cmd, &models, &model)
	rules.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&group, "group", scoreGroup, "consumer group")
	host, _ := os.Hostname()
	flags.StringVar(&instance, "instance", host, "name of this process in the group, the same after a restart")
	flags.StringVar(&challenger, "challenger", shadowing, "alias or version of a model that watches: what it would say goes to the topic "+topicShadow+"; empty for none")
	flags.DurationVar(&watch, "watch", watchEvery, "how often the registry is asked for a new champion and challenger; 0 for never")
	flags.StringVar(&moments, "moments", "", "file of moments, read again whenever it changes; they go to the topic "+topicMoments+" (default: those of titrate moments standard)")
	flags.StringVar(&metrics, "metrics", "", "host:port on which to serve /metrics (Prometheus), /healthz and /readyz: events by outcome, broken rules, recommendations by kind")
	flags.StringVar(&in, "in", "", "read wire events from this file, - for stdin, instead of Kafka")
	flags.StringVar(&out, "out", "-", "with --in: write to this file, - for stdout")
	flags.BoolVar(&each, "each", false, "with --in: one answer line per input line, flushed at once")
	return cmd
}

// run scores until ctx is done. known, if any, is called when state is rebuilt.
// Orders on the control topic are known before the first event is answered.
func (s scorer) run(ctx context.Context, known func()) error {
	ready := func() {
		if known != nil {
			known()
		}
		if s.metrics != nil {
			s.metrics.Ready(true)
		}
	}
	book := cmp.Or(s.rules, cleanse.Standard())
	if s.metrics != nil {
		s.cfg.Lag = new(kafka.Lag)
		s.metrics.Lag("score", s.cfg.Lag.Each)
	}
	cfg := kafka.TransformConfig{
		Config: s.cfg, Group: s.group, Input: s.topic, State: topicPeople,
		TransactionalID: s.group + "-" + s.instance, Instance: s.group + "-" + s.instance,
		Lookback: predict.Lookback, Offsets: cleanse.Lookback, OnReady: ready,
	}
	group, ctx := errgroup.WithContext(ctx)
	orders := make(chan struct{})
	group.Go(func() error {
		return kafka.Tail(ctx, s.cfg, kafka.TailConfig{
			Topics: []string{topicControl}, OnRecord: s.charge.obey, OnCaughtUp: func() { close(orders) },
		})
	})
	group.Go(func() error {
		select {
		case <-orders:
		case <-ctx.Done():
			return nil
		}
		return kafka.Transform(ctx, cfg, func(int32) kafka.Fold {
			return &fold{scorer: predict.NewScorerBy(book, nil), charge: s.charge, rules: []byte(book.Name()), folded: s.folded, tally: newTally("score", s.metrics)}
		})
	})
	return group.Wait()
}

// fold adapts the pure scorer to the transactional job.
type fold struct {
	scorer *predict.Scorer
	charge *charge
	now    standing // what the scorer was told of charge
	rules  []byte   // the name of the rules that it cleanses by
	folded func()   // may be nil
	tally  *tally
	// memories are the newest of each patient while state is restored: reading one takes
	// longer than folding an event, and the topic has several until it is compacted.
	memories map[string][]byte
}

func (f *fold) Restore(rec ingest.Record) {
	if f.memories == nil {
		f.memories = map[string][]byte{}
	}
	f.memories[string(rec.Key)] = bytes.Clone(rec.Value) // it came in one piece of memory with others, older ones
}

// recall ends the restoring. A memory that can't be read is the same as none: the window
// is rebuilt from the log, and what is missing holds advice back instead of making it up.
func (f *fold) recall() {
	for patient, memory := range f.memories {
		_ = f.scorer.Restore(patient, memory)
	}
	f.memories = nil
}

func (f *fold) Replay(rec ingest.Record) {
	f.recall()
	f.scorer.Replay(rec)
}

func (f *fold) Apply(rec ingest.Record) []kafka.Out {
	f.recall()
	f.charge.brief(f)
	recommendations, verdict := f.scorer.Apply(rec)
	f.count(&verdict, recommendations)
	if f.folded != nil {
		f.folded()
	}
	var outs []kafka.Out
	for i := range recommendations {
		value, err := json.Marshal(&recommendations[i])
		if err != nil {
			panic(fmt.Sprintf("recommendation %s is not JSON: %v", recommendations[i].ID, err)) // a NaN got past the kernel
		}
		outs = append(outs, kafka.Out{
			Topic: topicRecommendations, Key: []byte(recommendations[i].Patient), Value: value, Headers: append(produced(rec), ingest.Header{Key: lake.RulesHeader, Value: f.rules}),
		})
	}
	for _, m := range f.scorer.Noticed() {
		value, err := json.Marshal(&m)
		if err != nil {
			panic(fmt.Sprintf("moment %s is not JSON: %v", m.ID, err))
		}
		outs = append(outs, kafka.Out{Topic: topicMoments, Key: []byte(m.Patient), Value: value})
	}
	for _, c := range f.scorer.Compared() {
		value, err := json.Marshal(&c)
		if err != nil {
			panic(fmt.Sprintf("comparison at %v is not JSON: %v", c.Event, err))
		}
		outs = append(outs, kafka.Out{Topic: topicShadow, Key: []byte(c.Patient), Value: value})
	}
	for _, patient := range f.scorer.Dirty() {
		outs = append(outs, kafka.Out{Topic: topicPeople, Key: []byte(patient), Value: f.scorer.Memory(patient)})
	}
	return outs
}

// count tells the metrics, if there are any.
func (f *fold) count(v *cleanse.Verdict, all []predict.Recommendation) {
	if f.tally == nil || f.tally.metrics == nil {
		return
	}
	f.tally.add(v)
	f.tally.publish()
	for i := range all {
		f.tally.metrics.Recommendation(string(all[i].Kind))
	}
}

// produced passes on when the event was made, for the latency on the page.
func produced(rec ingest.Record) []ingest.Header {
	for _, h := range rec.Headers {
		if h.Key == gateway.Produced {
			return []ingest.Header{h}
		}
	}
	return nil
}
