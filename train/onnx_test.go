package train

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// runtime is the program that asks onnxruntime; TITRATE_PYTHON names a Python that has it.
const runtime = `
import json, sys, numpy, onnxruntime
asked = json.load(open(sys.argv[2]))
session = onnxruntime.InferenceSession(sys.argv[1])
inputs = {k: numpy.array(asked[k], dtype=numpy.float64) for k in ("features", "dose", "carbs")}
json.dump(session.run(["quantiles"], inputs)[0].tolist(), sys.stdout)
`

// python is a Python with onnxruntime, or skips.
func python(t *testing.T) string {
	t.Helper()
	name := os.Getenv("TITRATE_PYTHON")
	if name == "" {
		name = "python3"
	}
	if err := exec.Command(name, "-c", "import numpy, onnxruntime").Run(); err != nil {
		t.Skipf("%s has no onnxruntime (%v): pip install onnxruntime, or name another in TITRATE_PYTHON", name, err)
	}
	return name
}

func TestOnnxruntimeForecastsTheSame(t *testing.T) {
	program, dir, m := python(t), t.TempDir(), learned(9)
	r := rand.New(rand.NewPCG(4, 2))
	var asked struct{ Features, Dose, Carbs [][]float64 }
	var want []Forecast
	for i := range 40 {
		var v feature.Vector
		for j := range v {
			v[j] = r.NormFloat64()
		}
		v[feature.Glucose], v[feature.ISF], v[feature.CSF] = 80+20*r.NormFloat64(), 40, 4
		v[feature.LastBolusEbb] = float64(i % 2)
		for h := range horizons {
			v[feature.Used+h], v[feature.Eaten+h], v[feature.UnitUsed+h] = r.Float64(), 10*r.Float64(), r.Float64()
		}
		plan := Plan{Dose: cleanse.Units(3 * r.Float64()), Carbs: cleanse.Grams(60 * r.Float64())}
		var f Forecast
		m.Forecast(&v, plan, &f)
		want = append(want, f)
		asked.Features = append(asked.Features, append([]float64(nil), v[:]...))
		asked.Dose, asked.Carbs = append(asked.Dose, []float64{float64(plan.Dose)}), append(asked.Carbs, []float64{float64(plan.Carbs)})
	}
	got := answers(t, program, dir, m, map[string]any{"features": asked.Features, "dose": asked.Dose, "carbs": asked.Carbs})
	for i, f := range want {
		for h := range horizons {
			for k, mgdl := range f.At(h) {
				if math.Abs(got[i][k][h]-float64(mgdl)) > 1e-9*math.Abs(float64(mgdl)) {
					t.Fatalf("row %d, %d min, level %d: onnxruntime has %v, the model %v", i, Horizons[h], k, got[i][k][h], mgdl)
				}
			}
		}
	}
}

// answers are onnxruntime's, by row, level and horizon.
func answers(t *testing.T, program, dir string, m *Model, asked any) (got [][][]float64) {
	t.Helper()
	data, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	model, questions := filepath.Join(dir, "m.onnx"), filepath.Join(dir, "asked.json")
	for path, data := range map[string][]byte{model: m.ONNX(), questions: data} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(program, "-c", runtime, model, questions).Output()
	if err != nil {
		t.Fatalf("onnxruntime: %v: %s", err, err.(*exec.ExitError).Stderr)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got
}
