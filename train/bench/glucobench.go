package bench

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// glucobenchSeeds are those of the published table.
const firstSeed, lastSeed = 10, 19

// GlucoBench reads the Colas set as GlucoBench (Sergazinov et al., ICLR 2024, arXiv
// 2410.05780) segments and divides it: colas_segments.csv and splits.json in dir.
func GlucoBench(dir string) ([]Division, error) {
	segments, err := readSegments(filepath.Join(dir, "colas_segments.csv"))
	if err != nil {
		return nil, fmt.Errorf("glucobench: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "splits.json"))
	if err != nil {
		return nil, fmt.Errorf("glucobench: %w", err)
	}
	var file struct {
		Colas struct {
			Seeds map[string]struct {
				Train, Val []cut
				TestID     []cut `json:"test_id"`
				TestOOD    []cut `json:"test_ood"`
			} `json:"splits_by_seed"`
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("glucobench: read splits.json: %w", err)
	}
	var all []Division
	for seed := firstSeed; seed <= lastSeed; seed++ {
		s, ok := file.Colas.Seeds[strconv.Itoa(seed)]
		if !ok {
			return nil, fmt.Errorf("glucobench: splits.json has no division for seed %d", seed)
		}
		d := Division{Seed: seed}
		for _, part := range []struct {
			cuts []cut
			to   *[]Series
		}{{s.Train, &d.Train}, {s.Val, &d.Val}, {s.TestID, &d.Known}, {s.TestOOD, &d.Unknown}} {
			if *part.to, err = segments.take(part.cuts); err != nil {
				return nil, fmt.Errorf("glucobench: seed %d: %w", seed, err)
			}
		}
		all = append(all, d)
	}
	return all, nil
}

// cut is a part of a segment: [subject, segment, from, to).
type cut struct {
	segment
	from, to int
}

type segment struct {
	subject string
	number  int
}

func (c *cut) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&c.subject, &c.number, &c.from, &c.to})
}

type segments map[segment]Series

func readSegments(path string) (segments, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil || !slices.Equal(head, []string{"subject", "segment", "time", "gl_mg_dl"}) {
		return nil, fmt.Errorf("%s: want the columns subject, segment, time, gl_mg_dl; have %v", path, head)
	}
	all := segments{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		number, errNumber := strconv.Atoi(row[1])
		mgdl, errGlucose := strconv.ParseFloat(row[3], 64)
		if err := errors.Join(errNumber, errGlucose); err != nil {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("%s, line %d: %w", path, line, err)
		}
		key := segment{row[0], number}
		all[key] = append(all[key], mgdl)
	}
}

func (all segments) take(cuts []cut) ([]Series, error) {
	series := make([]Series, len(cuts))
	for i, c := range cuts {
		s := all[c.segment]
		if c.from < 0 || c.from > c.to || c.to > len(s) {
			return nil, fmt.Errorf("segment %d of subject %s has %d readings, the division wants %d to %d",
				c.number, c.subject, len(s), c.from, c.to)
		}
		series[i] = s[c.from:c.to]
	}
	return series, nil
}

// Published is the table that the benchmark printed for these data, best first.
func Published() []Result {
	line := func(name string, knownRMSE, knownMAE, unknownRMSE, unknownMAE, mean float64) Result {
		return Result{Name: name, Published: true,
			Known: Score{knownRMSE, knownMAE, mean}, Unknown: Score{RMSE: unknownRMSE, MAE: unknownMAE}}
	}
	return []Result{
		line("LIN", 5.26, 4.35, 5.33, 4.41, 9.74),
		line("TFT", 5.62, 0, 5.51, 0, 10.37),
		line("ARIMA", 5.80, 0, 5.91, 0, 10.87),
		line("NHITS", 5.93, 0, 5.68, 0, 11.07),
		line("XGB", 6.42, 0, 6.18, 0, 12.15),
		line("Transformer", 6.47, 0, 5.97, 0, 11.63),
		line("Gluformer", 8.17, 0, 6.94, 0, 12.53),
	}
}
