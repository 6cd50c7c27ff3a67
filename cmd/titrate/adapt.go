package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/train"
)

// adapted is the JSON that adapting ends with.
type adapted struct {
	Model     string    `json:"model"` // with its adaptation, as recommendations will name it
	Published bool      `json:"published"`
	People    int       `json:"people"`
	Moments   int64     `json:"moments"`
	Until     time.Time `json:"until"` // the newest moment that was learned of
}

func (j *registryJob) adapt() *cobra.Command {
	var where, since, until string
	var events lake.EventOptions
	cmd := &cobra.Command{
		Use:   "adapt [VERSION|ALIAS]",
		Short: "Learn of each person from the lake, for the same weights; for a schedule",
		Long: "Adapt replays the lake and publishes what it has taught a version (default: the champion) about each of its\n" +
			"people, as the version's next adaptation. A running scorer takes it within its --watch. From one adaptation to\n" +
			"the next a person's correction moves a little for each day of the log. Run it every night; run twice on the\n" +
			"same lake, it publishes nothing the second time.\n\n" +
			"Exit codes: 0 published or nothing new, 1 failed, 2 called wrongly.",
		Example: `  titrate models adapt --lake ./lake --models ./models
  titrate models adapt challenger --lake s3://bucket/lake --models s3://bucket/models`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if events.Since, events.Until, err = days(since, until); err != nil {
				return err
			}
			bucket, err := openBucket(cmd.Context(), where)
			if err != nil {
				return fmt.Errorf("--lake: %w", err)
			}
			a, err := j.learn(cmd.Context(), strings.Join(append(args, champion)[:1], ""), train.FromLake(cmd.Context(), bucket, events))
			if err != nil {
				return err
			}
			return printSummary(cmd.OutOrStdout(), a)
		},
	}
	cmd.Flags().StringVar(&where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	cmd.Flags().StringVar(&since, "since", "", "first day of the events, YYYY-MM-DD (default: all)")
	cmd.Flags().StringVar(&until, "until", "", "day after the last, YYYY-MM-DD (default: all)")
	return cmd
}

// learn publishes what people's logs have taught a model about them.
func (j *registryJob) learn(ctx context.Context, name string, replay train.Replay) (*adapted, error) {
	m, err := loadModel(ctx, j.registry, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w %s in %s: `titrate models list` tells what is there", errNoModel, name, j.models)
	}
	if err != nil {
		return nil, err
	}
	learned, err := m.Learn(replay)
	if err != nil {
		return nil, err
	}
	if learned.People() == 0 {
		return nil, errors.New("the lake tells of nobody's glucose four hours after a forecast: ingest sensor data first, or give --lake")
	}
	var published bool
	if m.Adaptation, published, err = train.Adapt(ctx, j.registry, m, learned); err != nil {
		return nil, err
	}
	a := m.Adaptation
	return &adapted{m.Name(), published, a.People(), a.Moments, a.Until}, nil
}

// learnedSummary is what is known of a version's adaptations.
type learnedSummary struct {
	Count  int        `json:"count"`
	People int        `json:"people,omitempty"` // of the newest
	Until  *time.Time `json:"until,omitempty"`
	Wrong  string     `json:"problem,omitempty"` // why the newest can't be loaded
}

// String is a line for a reader.
func (s learnedSummary) String() string {
	switch {
	case s.Count == 0 && s.Wrong == "":
		return "No adaptation: nothing was learned of single people. `titrate models adapt` does."
	case s.Wrong != "":
		return fmt.Sprintf("Adaptations: %d; the newest can't be used: %s", s.Count, s.Wrong)
	}
	return fmt.Sprintf("Adaptations: %d; the newest knows %d people, up to %s.", s.Count, s.People, s.Until.Format(time.DateTime))
}

func (j *registryJob) adaptations(ctx context.Context, version string) (s learnedSummary) {
	a, count, err := train.Adapted(ctx, j.registry, version)
	s.Count = count
	switch {
	case err != nil:
		s.Wrong = err.Error()
	case a != nil:
		s.People, s.Until = a.People(), &a.Until
	}
	return s
}
