package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/predict/mobile"
	"github.com/titrate/titrate/train"
	"golang.org/x/sync/errgroup"
)

// demo is everything on one machine.
type demo struct {
	who    population
	data   string
	listen string
	broker string
	token  string
	speed  float64
	behind time.Duration
	access accessFlags
	doors  access

	ruleFile ruleFlags
	rules    *cleanse.Book
	out      io.Writer
}

// demoPartitions is enough for one machine: more make more, smaller files.
const demoPartitions = 4

func newUp() *cobra.Command {
	var d demo
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run everything on this machine: broker, lake, virtual people, training, scoring, app",
		Long: "Up starts an embedded Kafka broker, makes 14 days of history for 20 virtual people, ingests it\n" +
			"into a Parquet lake, trains a first model, lets the people live on, scores them, and serves\n" +
			"the app. A second start continues where the first was. Ctrl-C stops it.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if d.speed < 1 || d.speed > 3600 {
				return usagef("--speed %v: want 1 to 3600 times real time", d.speed)
			}
			if err := atLeast("--behind", d.behind, 0); err != nil {
				return err
			}
			if _, err := d.who.options(time.Now()); err != nil {
				return err
			}
			d.out = cmd.OutOrStdout()
			var err error
			if d.rules, err = d.ruleFile.open(); err != nil {
				return err
			}
			if d.doors, err = d.access.open(); err != nil {
				return err
			}
			return d.run(cmd.Context())
		},
	}
	d.who.add(cmd, 20, 14)
	d.access.add(cmd)
	d.ruleFile.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&d.data, "data", "data", "directory for the broker's log, the lake and the models")
	flags.StringVar(&d.listen, "listen", "127.0.0.1:8080", "host:port of the page")
	flags.StringVar(&d.broker, "broker-listen", "127.0.0.1:0", "host:port of the embedded broker")
	flags.StringVar(&d.token, "token", "", "token of the page (default: one that is made and kept in --data)")
	flags.Float64Var(&d.speed, "speed", 60, "how many times real time the virtual people live")
	flags.DurationVar(&d.behind, "behind", 7*24*time.Hour, "how far before the present their live days begin")
	return cmd
}

func (d *demo) run(ctx context.Context) error {
	// The address first: a port that is taken should not cost a minute to learn.
	l, err := listenOn("--listen", d.listen)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.data, 0o755); err != nil {
		return errors.Join(fmt.Errorf("--data %s: %w: give a directory that can be written", d.data, err), l.Close())
	}
	broker, err := kafka.StartBroker(kafka.BrokerConfig{Dir: d.path("broker"), Listen: d.broker})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	err = d.runWith(ctx, broker.Addr(), l)
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	slog.Info("stopped", "continue", "titrate up --data "+d.data)
	return errors.Join(err, broker.Close())
}

func (d *demo) path(name string) string { return filepath.Join(d.data, name) }

func (d *demo) runWith(ctx context.Context, brokers string, l net.Listener) error {
	defer l.Close() // a second close, after the server's own, does no harm
	cfg := kafka.Config{Brokers: brokers}
	if err := kafka.CreateTopics(ctx, cfg, topics(topicEvents, demoPartitions, false)); err != nil {
		return err
	}
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		return err
	}
	defer producer.Close()
	people, err := d.people(ctx, producer)
	if err != nil {
		return err
	}
	bucket, err := openLake(ctx, d.path("lake"))
	if err != nil {
		return err
	}
	if err := d.fillLake(ctx, cfg, bucket); err != nil {
		return err
	}
	model, err := d.model(ctx, bucket)
	if err != nil {
		return err
	}
	return d.live(ctx, cfg, l, producer, people, bucket, model)
}

// people continues the virtual people, or makes them and their history.
func (d *demo) people(ctx context.Context, producer *kafka.Producer) (*village, error) {
	end := time.Now().UTC().Add(-d.behind).Truncate(time.Hour)
	people, isNew, err := openVillage(d.path("people.json"), d.who, end)
	if err != nil || !isNew {
		return people, err
	}
	show := startProgress(fmt.Sprintf("%d days of %d virtual people", d.who.days, d.who.patients), int64(d.who.patients))
	events, err := people.history(ctx, producer, func(done int) { show.set(int64(done), "") })
	if err != nil {
		return nil, fmt.Errorf("make history: %w", err)
	}
	show.end(fmt.Sprintf("%d events in Kafka", events))
	return people, nil
}

func (d *demo) ingestJob(cfg kafka.Config, bucket lake.Bucket) ingestJob {
	return ingestJob{
		cfg: cfg, topics: stored(topicEvents), group: "titrate-ingest", lake: bucket, where: d.path("lake"),
		rotate: lake.WriterOptions{RotateAge: 30 * time.Second, Rules: d.rules},
	}
}

// fillLake brings the lake up to the end of the log.
func (d *demo) fillLake(ctx context.Context, cfg kafka.Config, bucket lake.Bucket) error {
	job := d.ingestJob(cfg, bucket)
	job.drain = true
	show := startProgress("Cleansing into the Parquet lake", 0)
	summary, err := job.run(ctx, func(s lake.Summary) { show.set(s.Read, "") })
	if err != nil {
		return err
	}
	show.end(fmt.Sprintf("%d read, %d quarantined, %d files", summary.Read, summary.Quarantined, summary.Files))
	return ctx.Err()
}

// live runs everything that goes on at the same time.
func (d *demo) live(ctx context.Context, cfg kafka.Config, l net.Listener, producer *kafka.Producer,
	people *village, bucket lake.Bucket, model *train.Model) error {
	token, err := d.pageToken()
	if err != nil {
		return err
	}
	// The people live on when the scorer knows their past: what they do meanwhile
	// would wait for it, and the first advice would come late.
	inCharge, err := newCharge(ctx, model, d.path("models"), shadowing)
	if err != nil {
		return err
	}
	awake := make(chan struct{})
	past := newBacklog(people.made, func() { close(awake) })
	clock := newVirtualClock(time.Now, people.reach, d.speed)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		job := d.ingestJob(cfg, bucket)
		_, err := job.run(ctx, func(lake.Summary) {})
		return err
	})
	group.Go(func() error {
		s := scorer{cfg: cfg, topic: topicEvents, group: scoreGroup, instance: "up", charge: inCharge, rules: d.rules, folded: past.done}
		return s.run(ctx, past.done)
	})
	group.Go(func() error { return inCharge.watch(ctx, d.path("models"), shadowing, watchEvery) })
	group.Go(func() error {
		select {
		case <-awake:
		case <-ctx.Done():
			return nil
		}
		clock.restart()
		return people.live(ctx, producer, clock)
	})
	group.Go(func() error {
		return kafka.Tail(ctx, cfg, kafka.TailConfig{
			Topics: []string{topicRecommendations}, Since: people.reach, OnRecord: people.advise,
		})
	})
	group.Go(func() error {
		p := page{
			cfg: cfg, topic: topicEvents, token: token, model: model, rules: d.rules, since: fillFrom(people.reach),
			clock: func(patient string) time.Time {
				if people.has(patient) {
					return clock.Now()
				}
				return time.Now()
			},
			label: func(patient string) mobile.Label {
				if people.has(patient) {
					return mobile.Label{Simulated: true, Speed: d.speed}
				}
				return mobile.Label{Speed: 1}
			},
			doors: d.doors,
		}
		return p.run(ctx, l, func() { d.announce(cfg.Brokers, l.Addr().String(), token) })
	})
	return group.Wait()
}

// backlog counts down what has to be folded before life goes on: the events, and
// the rebuilding of state before them.
type backlog struct {
	left  atomic.Int64
	empty func()
}

func newBacklog(events int64, empty func()) *backlog {
	b := &backlog{empty: empty}
	b.left.Store(events + 1)
	return b
}

func (b *backlog) done() {
	if b.left.Add(-1) == 0 {
		b.empty()
	}
}

func (d *demo) announce(brokers, host, token string) {
	writeLine(d.out, "\n  Titrate is up. %d virtual people live at %v times real time.\n", d.who.patients, d.speed)
	writeLine(d.out, "  page     %s", pageAddress(host, token))
	writeLine(d.out, "  devices  http://%s  (titrate up --help: --credentials)", host)
	writeLine(d.out, "  kafka    %s", brokers)
	writeLine(d.out, "  lake     titrate query --lake %s 'from glucose limit 5'", d.path("lake"))
	writeLine(d.out, "\n  Research software, not a medical device. Ctrl-C stops it; the next start continues here.")
}

// pageToken is kept, so that an open page stays signed in over a restart.
func (d *demo) pageToken() (string, error) {
	if d.token != "" {
		return d.token, nil
	}
	file := d.path("token")
	text, err := os.ReadFile(file)
	if err == nil && len(strings.TrimSpace(string(text))) > 0 {
		return strings.TrimSpace(string(text)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read token: %w", err)
	}
	token := rand.Text()
	if err := replaceFile(file, []byte(token+"\n")); err != nil {
		return "", err
	}
	return token, nil
}
