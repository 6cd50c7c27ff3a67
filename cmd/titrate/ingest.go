package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
)

// memoryLimit is where the garbage collector works harder instead of taking more:
// beside what the writer holds there are encoders, and Go's default lets the heap double.
const memoryLimit = 320 << 20

// ingestJob reads topics into a lake.
type ingestJob struct {
	cfg    kafka.Config
	topics []string
	group  string
	lake   lake.Bucket
	drain  bool
	rotate lake.WriterOptions
	// where names the lake to people; patience is how long it may fail, zero for ever.
	where    string
	patience time.Duration
	// metrics is where to serve them; empty for nowhere.
	metrics string
}

func newIngest() *cobra.Command {
	var brokers brokerFlags
	var job ingestJob
	var rules ruleFlags
	cmd := &cobra.Command{
		Use:   "ingest",
		Short: "Read the log into the Parquet lake, each event exactly once",
		Example: `  titrate ingest --brokers localhost:9092 --lake ./lake
  titrate ingest --brokers localhost:9092 --lake s3://bucket/prefix --drain`,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if os.Getenv("GOMEMLIMIT") == "" {
				debug.SetMemoryLimit(memoryLimit)
			}
			if err := job.check(); err != nil {
				return err
			}
			if job.rotate.Rules, err = rules.open(); err != nil {
				return err
			}
			if job.cfg, err = brokers.open(cmd.Context()); err != nil {
				return err
			}
			if job.lake, err = openLake(cmd.Context(), job.where); err != nil {
				return err
			}
			job.topics = stored(brokers.topic)
			show := startProgress("Ingesting", 0)
			summary, err := job.run(cmd.Context(), func(s lake.Summary) { show.set(s.Read, fmt.Sprintf("%d files", s.Files)) })
			if err != nil {
				return err
			}
			show.end(fmt.Sprintf("%d read, %d files", summary.Read, summary.Files))
			if err := printSummary(cmd.OutOrStdout(), summary); err != nil || !job.drain {
				return err
			}
			// A lake that isn't full yet is no success of --drain: what comes after it would train on a part.
			if err := cmd.Context().Err(); err != nil {
				return fmt.Errorf("%w before it had caught up: what is stored stays, the next run goes on from there", err)
			}
			return nil
		},
	}
	brokers.add(cmd)
	rules.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&job.metrics, "metrics", "", "host:port on which to serve /metrics (Prometheus), /healthz and /readyz: events by outcome, broken rules, lag")
	flags.StringVar(&job.group, "group", "titrate-ingest", "consumer group")
	flags.StringVar(&job.where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	flags.BoolVar(&job.drain, "drain", false, "stop when caught up, and print the summary")
	flags.BoolVar(&job.rotate.AcceptGap, "accept-gap", false, "go on where the log has lost what comes next; the ledger records the gap")
	flags.DurationVar(&job.patience, "patience", 0, "give up when the lake can't be written for so long (0: wait for ever)")
	flags.IntVar(&job.rotate.RotateRows, "rotate-rows", 0, "write files after so many rows (0: default)")
	flags.Int64Var(&job.rotate.RotateBytes, "rotate-bytes", 0, "write files when the rows held need so many bytes of memory (0: default)")
	flags.DurationVar(&job.rotate.RotateAge, "rotate-age", 0, "write files after so long (0: default)")
	return cmd
}

// check refuses what can't be.
func (j *ingestJob) check() error {
	return errors.Join(
		atLeast("--patience", j.patience, 0), atLeast("--rotate-age", j.rotate.RotateAge, 0),
		atLeast("--rotate-rows", j.rotate.RotateRows, 0), atLeast("--rotate-bytes", j.rotate.RotateBytes, 0))
}

// stored are the topics that the lake has tables of.
func stored(events string) []string {
	return append([]string{events}, scored...)
}

// ingestSummary is what a job that ends prints.
type ingestSummary struct {
	lake.Summary
	Seconds float64 `json:"seconds"`
}

// run reads until ctx is done, or, with drain, until it has caught up. A job that
// was told to stop has succeeded.
func (j *ingestJob) run(ctx context.Context, progress func(lake.Summary)) (ingestSummary, error) {
	begun := time.Now()
	host, _ := os.Hostname()
	j.rotate.ID = fmt.Sprintf("%s-%d", host, os.Getpid())
	j.rotate.Now = time.Now
	metrics, stop, err := serveMetrics(ctx, j.metrics)
	if err != nil {
		return ingestSummary{}, err
	}
	defer stop()
	tally := newTally("ingest", metrics)
	if metrics != nil {
		j.rotate.OnVerdict = tally.add
		j.cfg.Lag = new(kafka.Lag)
		metrics.Lag("ingest", j.cfg.Lag.Each)
	}
	j.rotate.OnOtherRules = warnOfOtherRules(j.rotate.Rules)
	writer := lake.NewWriter(j.lake, j.rotate)
	source, err := kafka.OpenSource(j.cfg, j.topics, j.group, writer)
	if err != nil {
		return ingestSummary{}, err
	}
	watch := outage{job: "ingest", store: j.where, metrics: metrics}
	err = ingest.Run(ctx, source, writer, ingest.Options{
		Drain: j.drain, Patience: j.patience,
		Progress: func(p ingest.Progress) {
			watch.watch(p)
			tally.publish()
			progress(writer.Summary())
		},
	})
	writer.Close()
	err = errors.Join(err, source.Close())
	summary := ingestSummary{writer.Summary(), time.Since(begun).Seconds()}
	if err != nil && !errors.Is(err, context.Canceled) {
		return summary, fmt.Errorf("ingest: %w", err)
	}
	return summary, nil
}
