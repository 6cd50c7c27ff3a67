package train

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
)

// trained is a made-up result whose report passes every gate.
func trained(t *testing.T) *Result {
	t.Helper()
	result, err := Run(context.Background(), Options{Replay: crowd(5, 4), Fit: asIs, Now: monday})
	if err != nil {
		t.Fatal(err)
	}
	r := &result.Report
	for i := range r.Horizons {
		r.Horizons[i].Forecasters[theModel].RMSE.Value = 1
	}
	for i := range r.Coverage {
		r.Coverage[i].Wide = 0.9
	}
	return result
}

// published is the result under a version of its own, its report changed.
func published(t *testing.T, registry lake.Bucket, result *Result, change func(*Report)) string {
	t.Helper()
	changed := *result
	changed.Report.Horizons = append([]HorizonScore(nil), result.Report.Horizons...)
	for i := range changed.Report.Horizons {
		s := &changed.Report.Horizons[i]
		s.Forecasters = append([]ForecasterScore(nil), s.Forecasters...)
	}
	changed.Report.Coverage = append([]CoverScore(nil), result.Report.Coverage...)
	change(&changed.Report)
	m, err := Publish(context.Background(), registry, &changed, monday)
	if err != nil {
		t.Fatal(err)
	}
	return m.Version
}

func asItIs(*Report) {}

func directory(t *testing.T) (string, lake.Bucket) {
	t.Helper()
	root := t.TempDir()
	registry, err := lake.Dir(root)
	if err != nil {
		t.Fatal(err)
	}
	return root, registry
}

func TestAModelThatFailsAGateIsNotPromoted(t *testing.T) {
	ctx, result := context.Background(), trained(t)
	_, registry := directory(t)
	fine := published(t, registry, result, asItIs)
	if err := Promote(ctx, registry, fine, "", monday); err != nil {
		t.Fatal(err)
	}
	others := func(sign, within float64) *Interventions {
		return &Interventions{Pairs: 9, Horizons: []InterventionScore{{Sign: sign, Within: within}}}
	}
	for want, change := range map[string]func(*Report){
		"direction":              func(r *Report) { r.Probes.DoseWrong = 1 },
		"error at 30 min":        func(r *Report) { r.Score(30).Forecasters[theModel].RMSE.Value = 1e3 },
		"error at 60 min":        func(r *Report) { r.Horizons = nil },
		"coverage at 60 min":     func(r *Report) { r.Coverage[4].Wide = 0.5 },
		"other doses: direction": func(r *Report) { r.Interventions = others(0.99, 1) },
		"other doses: rank":      func(r *Report) { r.Interventions = others(1, 0.9) },
	} {
		err := Promote(ctx, registry, published(t, registry, result, change), "", monday)
		var failed *GateError
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
		if m, err := Champion(ctx, registry); err != nil || m.Version != fine {
			t.Errorf("%s: the champion is %v, %v", want, m, err)
		}
	}
}

func TestAForcedPromotionKeepsItsReason(t *testing.T) {
	ctx := context.Background()
	_, registry := directory(t)
	bad := published(t, registry, trained(t), func(r *Report) { r.Probes.DoseWrong = 1 })
	if err := Promote(ctx, registry, bad, "a drill", monday); err != nil {
		t.Fatal(err)
	}
	log, err := History(ctx, registry, ChampionAlias)
	if err != nil || len(log) != 1 || !log[0].Forced || log[0].Reason != "a drill" || len(log[0].Failed) != 1 {
		t.Errorf("the log says %+v, %v", log, err)
	}
}

func TestAModelThatCannotBeLoadedIsNotPromotedByForce(t *testing.T) {
	ctx := context.Background()
	root, registry := directory(t)
	version := published(t, registry, trained(t), asItIs)
	path := filepath.Join(root, version, weightsName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, data[:len(data)-100], 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := Promote(ctx, registry, version, "at all costs", monday); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error %v", err)
	}
	if err := Promote(ctx, registry, "2020-01-01.1", "at all costs", monday); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v of a version that is none", err)
	}
	entries, err := Versions(ctx, registry)
	if err != nil || len(entries) != 1 || !strings.Contains(entries[0].Problem, "damaged") {
		t.Errorf("listed %+v, %v", entries, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	entries, err = Versions(ctx, registry)
	if err != nil || len(entries) != 1 || !strings.Contains(entries[0].Problem, "interrupted") {
		t.Errorf("listed %+v, %v", entries, err)
	}
}

func TestRollbackPutsThePreviousModelInChargeAgain(t *testing.T) {
	ctx, result := context.Background(), trained(t)
	_, registry := directory(t)
	if _, err := Rollback(ctx, registry, "", monday); err == nil {
		t.Error("an empty registry was rolled back")
	}
	first, second := published(t, registry, result, asItIs), published(t, registry, result, asItIs)
	for _, version := range []string{first, second} {
		if err := Promote(ctx, registry, version, "", monday); err != nil {
			t.Fatal(err)
		}
	}
	if version, err := Rollback(ctx, registry, "lows", monday); err != nil || version != first {
		t.Fatalf("rolled back to %s, %v", version, err)
	}
	if m, err := Champion(ctx, registry); err != nil || m.Version != first {
		t.Errorf("the champion is %v, %v", m, err)
	}
}

func TestAChallengerStandsBesideTheChampion(t *testing.T) {
	ctx, result := context.Background(), trained(t)
	_, registry := directory(t)
	first, second := published(t, registry, result, asItIs), published(t, registry, result, asItIs)
	if err := errors.Join(Promote(ctx, registry, first, "", monday), Shadow(ctx, registry, second, monday)); err != nil {
		t.Fatal(err)
	}
	entries, err := Versions(ctx, registry)
	if err != nil || len(entries) != 2 || entries[0].Aliases[0] != ChampionAlias || entries[1].Aliases[0] != ChallengerAlias {
		t.Fatalf("listed %+v, %v", entries, err)
	}
	if m, err := Aliased(ctx, registry, ChallengerAlias); err != nil || m.Version != second {
		t.Errorf("the challenger is %v, %v", m, err)
	}
	if err := Shadow(ctx, registry, "", monday); err != nil {
		t.Fatal(err)
	}
	if _, err := Aliased(ctx, registry, ChallengerAlias); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a challenger after the end of it: %v", err)
	}
	if err := Shadow(ctx, registry, "2020-01-01.1", monday); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v of a version that is none", err)
	}
}
