package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// change is a number of messages whose verdict differs under other rules, and alike.
type change struct {
	From     string   `json:"from"`            // outcome by the old rules
	To       string   `json:"to"`              // by the new ones
	Rules    string   `json:"rules,omitempty"` // that are broken by one of them only
	Count    int64    `json:"count"`
	Examples []string `json:"examples"`
}

// difference is what other rules would change about the messages of a lake.
type difference struct {
	Old      string    `json:"old"` // names of the rules
	New      string    `json:"new"`
	Messages int64     `json:"messages"`
	Changed  []*change `json:"changed"` // the most first

	kinds map[string]*change
}

// compareRules cleanses a lake's messages by the standard rules, or those of an old
// file, and by new ones.
func compareRules(ctx context.Context, bucket lake.Bucket, old, changed *cleanse.Book, since, until time.Time) (*difference, error) {
	d := &difference{Old: old.Name(), New: changed.Name(), Changed: []*change{}, kinds: map[string]*change{}}
	before, after := newCensus(old), newCensus(changed)
	err := lake.Messages(ctx, bucket, since, until, func(rec ingest.Record, _ string) error {
		if slices.Contains(scored, rec.Topic) {
			return nil
		}
		p := ingest.Partition{Topic: rec.Topic, Number: rec.Partition}
		a, b := before.judge(p, rec), after.judge(p, rec)
		d.Messages++
		d.compare(&a, &b, rec.Value)
		return nil
	})
	slices.SortFunc(d.Changed, func(a, b *change) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.From+a.To+a.Rules, b.From+b.To+b.Rules))
	})
	return d, err
}

func (d *difference) compare(a, b *cleanse.Verdict, payload []byte) {
	was, is := brokenBy(a), brokenBy(b)
	if a.Outcome == b.Outcome && slices.Equal(was, is) {
		return
	}
	var only []string
	for _, id := range was {
		if !slices.Contains(is, id) {
			only = append(only, id)
		}
	}
	for _, id := range is {
		if !slices.Contains(was, id) {
			only = append(only, id)
		}
	}
	c := change{From: a.Outcome.Word(), To: b.Outcome.Word(), Rules: strings.Join(only, ",")}
	kind := c.From + " " + c.To + " " + c.Rules
	known := d.kinds[kind]
	if known == nil {
		known = &c
		d.kinds[kind], d.Changed = known, append(d.Changed, known)
	}
	known.Count++
	if len(known.Examples) < mostExamples {
		known.Examples = append(known.Examples, short(string(payload)))
	}
}

// brokenBy are the rules that a record breaks, sorted.
func brokenBy(v *cleanse.Verdict) (all []string) {
	for _, r := range v.Reasons {
		all = append(all, r.Code)
	}
	if v.Event.Flags != "" {
		all = append(all, strings.Split(string(v.Event.Flags), ",")...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func newReplay() *cobra.Command {
	var where, against, since, until string
	var dry bool
	var rules ruleFlags
	var quarantine quarantineReplay
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Send quarantined messages through again, or show what other rules would change",
		Long: "replay --quarantine selects messages of the lake's quarantine, repairs them, and sends those that would be accepted\n" +
			"now. Each is sent once, whatever number of replays select it; one that was killed is completed by the next. --where,\n" +
			"--set and --transform are DuckDB's SQL over quarantine's columns and: text (the payload), event (the same as JSON),\n" +
			"codes and fields (of the reasons). Without --set and --transform messages are sent as they are, which is for after a\n" +
			"rule has changed. With --dry-run it only says what would be sent and what would still be wrong.\n\n" +
			"replay --dry-run without --quarantine cleanses the messages that a lake keeps in its raw table twice, by the standard\n" +
			"rules (or those of --against) and by those of --rules, and prints which verdicts differ, with counts and examples.",
		Example: `  titrate replay --quarantine --where "list_contains(codes, 'unit_missing')" --set 'unit="mg/dL"' --dry-run
  titrate replay --quarantine --where "(event->>'device') = 'g7-8842'" --set 'value=event.value::DOUBLE * 18.01559' --set 'unit="mg/dL"'
  titrate replay --dry-run --lake ./lake --rules new.yaml`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if quarantine.chosen {
				return quarantine.run(cmd, where, &rules, dry)
			}
			if !dry {
				return usagef("say what to replay: --quarantine, or --dry-run to compare rules; see %s --help", cmd.CommandPath())
			}
			changed, err := rules.open()
			if err != nil {
				return err
			}
			old := ruleFlags{file: against, flag: "--against"}
			before, err := old.open()
			if err != nil {
				return err
			}
			from, to, err := days(since, until)
			if err != nil {
				return err
			}
			bucket, err := readLake(cmd.Context(), where)
			if err != nil {
				return err
			}
			d, err := compareRules(cmd.Context(), bucket, before, changed, from, to)
			if err != nil {
				return fmt.Errorf("replay --lake %s: %w", where, err)
			}
			return printSummary(cmd.OutOrStdout(), d)
		},
	}
	rules.add(cmd)
	quarantine.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&dry, "dry-run", false, "send nothing")
	flags.StringVar(&where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	flags.StringVar(&against, "against", "", "file of rules to compare with (default: the standard rules)")
	flags.StringVar(&since, "since", "", "first day of arrival, YYYY-MM-DD")
	flags.StringVar(&until, "until", "", "day of arrival to stop before, YYYY-MM-DD")
	return cmd
}
