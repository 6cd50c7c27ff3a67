package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/device"
	"github.com/titrate/titrate/train"
)

// uomFolds divide the ten adults. Two of them share a fold because the readings of one
// are found among those of the other until 26 November 2023.
var uomFolds = [][]string{
	{"uom-2303", "uom-2304"}, {"uom-2301", "uom-2302"}, {"uom-2305", "uom-2306"},
	{"uom-2307", "uom-2309"}, {"uom-2320", "uom-2403"},
}

// UoM judges the ten adults of T1D-UOM (Alsuhaymi et al., Sci Data 2025;12:1379), each
// by a model that has seen neither them nor the others of their fold. One of the next
// fold tunes, everybody else teaches. Their files lie in dir.
func UoM(ctx context.Context, dir string, t train.Options) (*train.Report, error) {
	replay, err := Recorded("t1d-uom", dir)
	if err != nil {
		return nil, fmt.Errorf("bench t1d-uom: %w", err)
	}
	t.Replay = replay
	var folds []train.Split
	everybody := slices.Concat(uomFolds...)
	for k, test := range uomFolds {
		next := uomFolds[(k+1)%len(uomFolds)]
		s := train.Split{Test: test, Tune: next[1:]}
		for _, name := range everybody {
			if !slices.Contains(test, name) && !slices.Contains(s.Tune, name) {
				s.Train = append(s.Train, name)
			}
		}
		folds = append(folds, s)
	}
	report, err := train.Folds(ctx, t, folds)
	if err != nil {
		return nil, fmt.Errorf("bench t1d-uom: %w", err)
	}
	return report, nil
}

// Recorded replays the people of an export in a format of [device.Read], cleansed as the
// ingest job would.
func Recorded(format, dir string) (train.Replay, error) {
	var names []string
	events := map[string][]cleanse.Event{}
	clean := cleanse.New()
	seen := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	var offset int64
	_, err := device.Read(format, []string{dir}, device.Options{}, func(r device.Row) error {
		v := clean.Clean(ingest.Record{Topic: "events", Offset: offset, Seen: seen, Key: []byte(r.Key), Value: r.JSON})
		offset++
		if v.Outcome != cleanse.Accepted && v.Outcome != cleanse.Late {
			return nil
		}
		if events[v.Event.Patient] == nil {
			names = append(names, v.Event.Patient)
		}
		events[v.Event.Patient] = append(events[v.Event.Patient], v.Event)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return func(fn func(string, []cleanse.Event) error) error {
		for _, name := range names {
			if err := fn(name, events[name]); err != nil {
				return err
			}
		}
		return nil
	}, nil
}
