package bench_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/titrate/titrate/train/bench"
	"github.com/titrate/titrate/train/fit"
)

func TestZZ(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	divisions, err := bench.GlucoBench(shared(t))
	if err != nil {
		t.Fatal(err)
	}
	fs := []bench.Forecaster{bench.LastValue(), bench.LeastSquares(), bench.LeastDistance()}
	if os.Getenv("ZZ") == "2" {
		fs = []bench.Forecaster{bench.Titrate(fit.Weights)}
		divisions = divisions[:2]
	}
	r, err := bench.Run(context.Background(), divisions, fs, func(s string) { t.Log(s) })
	for _, r := range r {
		t.Logf("%+v", r)
	}
}

func shared(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("../../../shared/data/glucobench_colas")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/data/glucobench_colas not found: the published protocol is run where it is")
	}
	return dir
}

var _ = math.Abs
