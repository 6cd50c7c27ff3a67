package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// errDiffers ends an explanation whose replay doesn't say what was recorded.
var errDiffers = errors.New("the replay differs from what was recorded")

func newExplain() *cobra.Command {
	var brokers brokerFlags
	var where, models, model, unit, zone string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Make a recommendation again from the log, and print it with its reasons",
		Long: "Explain finds the recommendation, folds the person's events up to the one that was answered, and answers it\n" +
			"again with the model that did. It prints the card, and whether the replay is the record bit for bit; where it\n" +
			"differs it exits with 1. It reads the lake, or, with --brokers, the log.",
		Example: `  titrate explain 243aad7674d636d556815587a0550277 --lake ./lake --models ./models
  titrate explain 243aad7674d636d556815587a0550277 --brokers localhost:9092 --unit mmol/L`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if unit != predict.MgPerDL && unit != predict.MmolPerL {
				return usagef("--unit %s: want %s or %s", unit, predict.MgPerDL, predict.MmolPerL)
			}
			place, err := time.LoadLocation(zone)
			if err != nil {
				return usagef("--timezone %s: %w", zone, err)
			}
			e, err := readEvidence(cmd, &brokers, where, args[0])
			if err != nil {
				return err
			}
			x := e.explain(cmd.Context(), models)
			if asJSON {
				err = printSummary(cmd.OutOrStdout(), x)
			} else {
				err = x.write(cmd, unit, place)
			}
			if err == nil && !x.Reproduced {
				return fmt.Errorf("recommendation %s: %w: %s", args[0], errDiffers, x.Note)
			}
			return err
		},
	}
	brokers.add(cmd)
	modelFlags(cmd, &models, &model)
	cmd.Flags().Lookup("model").Hidden = true // the record says which
	flags := cmd.Flags()
	flags.StringVar(&where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	rival(flags, "lake", "brokers")
	flags.StringVar(&unit, "unit", predict.MgPerDL, "of glucose on the card: mg/dL or mmol/L")
	flags.StringVar(&zone, "timezone", "UTC", "of the times on the card, e.g. Europe/Berlin")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object with the record and the replay")
	return cmd
}

// readEvidence reads the log if brokers were given, else the lake.
func readEvidence(cmd *cobra.Command, brokers *brokerFlags, where, id string) (evidence, error) {
	if cmd.Flags().Changed("brokers") {
		cfg, err := brokers.config()
		if err != nil {
			return evidence{}, err
		}
		return evidenceInLog(cmd.Context(), cfg, brokers.topic, id)
	}
	bucket, err := readLake(cmd.Context(), where)
	if err != nil {
		return evidence{}, err
	}
	e, err := evidenceInLake(cmd.Context(), bucket, brokers.topic, id)
	if err != nil {
		return e, fmt.Errorf("--lake %s: %w", where, err)
	}
	return e, nil
}

// explanation is the outcome, as --json prints it.
type explanation struct {
	ID         string          `json:"id"`
	Reproduced bool            `json:"reproduced"` // bit for bit
	Note       string          `json:"note,omitempty"`
	Events     int             `json:"events"`  // of the person, that were folded
	Earlier    int             `json:"earlier"` // recommendations made again on the way
	Differ     int             `json:"differ"`  // of those
	Recorded   json.RawMessage `json:"recorded"`
	Replayed   json.RawMessage `json:"replayed,omitempty"`

	recommendation predict.Recommendation
}

func (e evidence) explain(ctx context.Context, models string) explanation {
	last := e.said[len(e.said)-1]
	x := explanation{ID: last.ID, Events: len(e.records), Recorded: e.payload, recommendation: last}
	found := map[string]*train.Model{}
	told := predict.Retell(e.records, e.said, func(version string) *train.Model {
		m, asked := found[version]
		if !asked && version != "" {
			var err error
			if m, err = openModel(ctx, models, version); err != nil {
				x.Note = fmt.Sprintf("model %s can't be had: %v", version, err)
			}
			found[version] = m
		}
		return m
	})
	x.Earlier, x.Differ = told.Earlier, told.Differ
	if told.Found {
		x.Replayed, _ = json.Marshal(told.Recommendation)
		x.Reproduced = bytes.Equal(x.Replayed, x.Recorded)
	}
	switch {
	case x.Reproduced:
		x.Note = ""
	case found[last.Model] == nil && last.Model != "":
	case !told.Found:
		x.Note = "the replay says nothing about that event: its events may be gone, or the program is another version"
	default:
		x.Note = "the program may be another version, or earlier events are gone"
	}
	return x
}

func (x explanation) write(cmd *cobra.Command, unit string, zone *time.Location) error {
	out := cmd.OutOrStdout()
	if err := x.recommendation.Card(out, unit, zone); err != nil {
		return err
	}
	if x.Reproduced {
		writeLine(out, "\nReproduced bit for bit from %d events; of %d earlier recommendations %d came out otherwise.", x.Events, x.Earlier, x.Differ)
		return nil
	}
	writeLine(out, "\nNot reproduced: %s.", x.Note)
	return writeDifferences(out, x.Recorded, x.Replayed)
}
