package fit

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// made is n examples of made-up people whose insulin is half as strong again as their
// settings say, and whose glucose drifts with one of the inputs.
func made(n int, seed uint64) *train.Examples {
	r := rand.New(rand.NewPCG(seed, 0))
	x := &train.Examples{People: []string{"a"}}
	for range n {
		var v feature.Vector
		for j := range feature.Inputs {
			v[j] = r.NormFloat64()
		}
		v[feature.Glucose], v[feature.ISF], v[feature.CSF] = 100+60*r.Float64(), 40+20*r.Float64(), 4+r.Float64()
		v[feature.Drive] = 2 * r.NormFloat64()
		dose, meal := 4*r.Float64(), 50*r.Float64()
		for h, minutes := range train.Horizons {
			acted := 1 - feature.CurveFor("", 0, false).IOB(float64(minutes))
			v[feature.Used+h], v[feature.Eaten+h] = dose*acted, meal*feature.Absorbed(float64(minutes))
			x.SoonInsulin = append(x.SoonInsulin, float32(0.5*acted))
			x.SoonCarbs = append(x.SoonCarbs, 0)
			x.LaterInsulin = append(x.LaterInsulin, float32(r.Float64()))
			x.LaterCarbs = append(x.LaterCarbs, float32(r.Float64()))
			came := v[feature.Glucose] + 10*v[feature.DaySin] - 1.5*v[feature.ISF]*(v[feature.Used+h]+0.5*acted) +
				v[feature.CSF]*v[feature.Eaten+h] + 3*r.NormFloat64()
			if r.IntN(8) == 0 {
				came = math.NaN()
			}
			x.Glucose = append(x.Glucose, float32(came))
		}
		x.Person, x.At = append(x.Person, 0), append(x.At, 0)
		for _, f := range v {
			x.Features = append(x.Features, float32(f))
		}
	}
	return x
}

func upTo(from, to int) []int {
	var rows []int
	for i := from; i < to; i++ {
		rows = append(rows, i)
	}
	return rows
}

// What gorgonia learned must be what plain Go scores.
func TestGorgoniaAndTheModelForecastTheSame(t *testing.T) {
	x := made(2000, 1)
	rows := upTo(0, 64)
	d, err := newDescent(train.NewWeights(x, rows), workers*len(rows), rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if _, err := d.pass(context.Background(), x, upTo(0, 2000), rate); err != nil {
		t.Fatal(err)
	}
	w, b := d.weights(), d.graphs[0]
	if _, err := b.run(x, rows); err != nil {
		t.Fatal(err)
	}
	answer := b.answer.Data().([]float)
	for i := range rows {
		var f train.Forecast
		var v feature.Vector
		x.Vector(i, &v)
		var c train.Course
		x.Course(i, &c)
		w.Forecast(&v, &c, &f)
		for h := range horizons {
			for k, mgdl := range f.At(h) {
				got := v[feature.Glucose] + train.Scale[h]*float64(answer[(i*levels+k)*horizons+h])
				if got < 20 || got > 600 {
					continue
				}
				if math.Abs(got-float64(mgdl)) > 1e-5*math.Abs(got) {
					t.Fatalf("row %d, horizon %d, level %d: gorgonia has %v, the model %v", i, h, k, got, mgdl)
				}
			}
		}
	}
}

func TestFitFindsHowStrongInsulinIs(t *testing.T) {
	x := made(6000, 2)
	o := train.FitOptions{Train: upTo(0, 5000), Tune: upTo(5000, 6000), Seed: 1, Epochs: 12}
	fitted, err := Weights(context.Background(), x, o)
	if err != nil {
		t.Fatal(err)
	}
	prior := train.ZeroWeights()
	before, after := prior.Loss(x, o.Tune), fitted.Weights.Loss(x, o.Tune)
	if after > before/3 {
		t.Errorf("the loss went from %v to %v only", before, after)
	}
	t.Logf("loss %v → %v, %d epochs, stopped by %s", before, after, len(fitted.Epochs), fitted.Stopped)
}

func TestTheSameSeedGivesTheSameWeights(t *testing.T) {
	x := made(1500, 3)
	o := train.FitOptions{Train: upTo(0, 1200), Tune: upTo(1200, 1500), Seed: 7, Epochs: 2}
	a, errA := Weights(context.Background(), x, o)
	b, errB := Weights(context.Background(), x, o)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if !reflect.DeepEqual(a, b) {
		t.Error("two runs with one seed differ")
	}
	o.Seed = 8
	if c, _ := Weights(context.Background(), x, o); reflect.DeepEqual(a.Weights, c.Weights) {
		t.Error("another seed gives the same weights")
	}
}

func TestALossThatIsNotANumberKeepsTheLastGoodState(t *testing.T) {
	x := made(1500, 4)
	o := train.FitOptions{Train: upTo(0, 1200), Tune: upTo(1200, 1500), Seed: 7, Epochs: 5}
	o.Progress = func(e train.Epoch) {
		if e.Number == 2 {
			x.SoonInsulin[5] = float32(math.Inf(1))
		}
	}
	fitted, err := Weights(context.Background(), x, o)
	if err != nil || fitted.Stopped != "loss not a number" || len(fitted.Epochs) != 2 {
		t.Fatalf("stopped by %q after %d epochs, %v", fitted.Stopped, len(fitted.Epochs), err)
	}
	if loss := fitted.Weights.Loss(x, o.Tune); !finite(loss) {
		t.Errorf("the kept weights lose %v", loss)
	}
	x.SoonInsulin[5] = float32(math.Inf(1))
	o.Progress = nil
	if _, err := Weights(context.Background(), x, o); err == nil {
		t.Error("no error where no state was good")
	}
}

func TestCancelEndsFitting(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	x := made(1500, 5)
	o := train.FitOptions{Train: upTo(0, 1200), Tune: upTo(1200, 1500)}
	o.Progress = func(train.Epoch) { cancel() }
	if _, err := Weights(ctx, x, o); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}

func BenchmarkPass(b *testing.B) {
	x := made(20_000, 1)
	rows := upTo(0, 20_000)
	for _, size := range []int{128, 256, 512, 1024, 2048} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			m, err := newDescent(train.NewWeights(x, rows), size, rand.New(rand.NewPCG(1, 1)))
			if err != nil {
				b.Fatal(err)
			}
			defer m.close()
			for b.Loop() {
				if _, err := m.pass(context.Background(), x, rows, rate); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(rows))/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// Killed after any pass, a fit that goes on from what was kept ends in the same weights.
func TestAResumedFitEndsAsIfItHadNotBeenInterrupted(t *testing.T) {
	x := made(1500, 6)
	o := train.FitOptions{Train: upTo(0, 1200), Tune: upTo(1200, 1500), Seed: 3, Epochs: 4}
	whole, err := Weights(context.Background(), x, o)
	if err != nil {
		t.Fatal(err)
	}
	for kill := 1; kill < 4; kill++ {
		var state []byte
		ctx, cancel := context.WithCancel(context.Background())
		interrupted := o
		interrupted.Keep = func(s []byte) error {
			state = s
			return nil
		}
		interrupted.Progress = func(e train.Epoch) {
			if e.Number == kill {
				cancel()
			}
		}
		if _, err := Weights(ctx, x, interrupted); err != context.Canceled {
			t.Fatalf("error %v", err)
		}
		passes := 0
		again := o
		again.Resume, again.Progress = state, func(train.Epoch) { passes++ }
		resumed, err := Weights(context.Background(), x, again)
		if err != nil || !reflect.DeepEqual(whole, resumed) {
			t.Errorf("killed after pass %d: the resumed fit differs, %v", kill, err)
		}
		if passes != 4-kill {
			t.Errorf("killed after pass %d: %d passes more, want %d", kill, passes, 4-kill)
		}
		again.Seed++
		if other, _ := Weights(context.Background(), x, again); len(other.Epochs) != 4 {
			t.Error("a fit with another seed went on from a state that isn't its own")
		}
	}
}
