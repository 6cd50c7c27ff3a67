package feature

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/titrate/titrate/cleanse"
)

// plain is what a window remembers packed, written down at length.
type plain struct {
	head, headLevel int64
	amounts         map[int64]uint32 // by hour
	tenths          map[int64][]uint64
}

// booked tells whether an hour is still in the ledger.
func (p *plain) booked(hour int64) bool { return hour > p.head-ledgerSize && hour <= p.head }

func (p *plain) flow(at micros, d time.Duration, units float64, sign int) {
	flowing(at, d, units, func(hour int64, amount uint32) {
		if sign > 0 {
			p.head = max(p.head, hour)
			p.amounts[hour] += amount
		} else if p.booked(hour) {
			p.amounts[hour] -= min(amount, p.amounts[hour])
		}
		for h := range p.amounts {
			if !p.booked(h) {
				delete(p.amounts, h)
			}
		}
	})
}

func (p *plain) read(at micros, mgdl float64, sign int) {
	h, x := at/levelPeriod, uint64(mgdl*10+0.5)
	if sign > 0 {
		p.headLevel = max(p.headLevel, h)
		p.tenths[h] = append(p.tenths[h], x)
	} else if i := slices.Index(p.tenths[h], x); i >= 0 {
		p.tenths[h] = slices.Delete(p.tenths[h], i, i+1)
	}
	for h := range p.tenths {
		if h <= p.headLevel-levelSize {
			delete(p.tenths, h)
		}
	}
}

func (p *plain) week(at micros) (mean, spread float64) {
	var n, sum, squares float64
	now := at / levelPeriod
	for h, all := range p.tenths {
		if h > max(now, p.headLevel)-levelSize && h <= now {
			for _, x := range all {
				n, sum, squares = n+1, sum+float64(x)/10, squares+float64(x*x)/100
			}
		}
	}
	n += levelWeight
	mean = (sum + levelWeight*levelUsual) / n
	second := (squares + levelWeight*(levelUsual*levelUsual+spreadUsual*spreadUsual)) / n
	return mean, math.Sqrt(max(0, second-mean*mean))
}

// The packed sums say what plain ones say, whatever comes in whatever order: late,
// taken back, after weeks of nothing.
func TestPackedSumsArePlainSums(t *testing.T) {
	type booking struct {
		at    micros
		d     time.Duration
		units float64
		mgdl  float64
	}
	for seed := range uint64(40) {
		dice := rand.New(rand.NewPCG(seed, 3))
		var l ledger
		var v level
		var room Room
		p := plain{amounts: map[int64]uint32{}, tenths: map[int64][]uint64{}}
		now := monday.UnixMicro()
		var done []booking
		for i := range 300 {
			now += dice.Int64N(hourly)
			if dice.IntN(50) == 0 {
				now += dice.Int64N(20 * 24 * hourly)
			}
			at := now - dice.Int64N(max(1, dice.Int64N(10*24*hourly)))
			b := booking{at, time.Duration(dice.IntN(3)) * time.Duration(dice.IntN(900)) * time.Minute, float64(dice.IntN(2000)) / 100, float64(400 + dice.IntN(3600))}
			l.add(&room.insulin, b.at, b.d, b.units)
			p.flow(b.at, b.d, b.units, 1)
			v.add(&room.periods, b.at, b.mgdl/10)
			p.read(b.at, b.mgdl/10, 1)
			if done = append(done, b); dice.IntN(4) == 0 {
				k := max(0, len(done)-1-dice.IntN(30))
				gone := done[k]
				done = slices.Delete(done, k, k+1)
				l.take(&room.insulin, gone.at, gone.d, gone.units)
				p.flow(gone.at, gone.d, gone.units, -1)
				v.take(&room.periods, gone.at, gone.mgdl/10)
				p.read(gone.at, gone.mgdl/10, -1)
			}
			got := map[int64]uint32{}
			for hour, amount := range l.each(room.insulin.Of(l.packed)) {
				got[hour] = amount
			}
			for hour := p.head - ledgerSize + 1; hour <= p.head; hour++ {
				if got[hour] != p.amounts[hour] {
					t.Fatalf("seed %d, step %d: %d booked to hour %d, want %d", seed, i, got[hour], hour, p.amounts[hour])
				}
			}
			for _, ago := range []micros{0, 30 * hourly, -9 * hourly} {
				mean, spread := v.week(room.periods.Of(v.periods), now-ago)
				wantMean, wantSpread := p.week(now - ago)
				if math.Abs(mean-wantMean) > 1e-9 || math.Abs(spread-wantSpread) > 1e-6 {
					t.Fatalf("seed %d, step %d: level %v ± %v, want %v ± %v", seed, i, mean, spread, wantMean, wantSpread)
				}
			}
		}
	}
}

// A sample tells what it was made of.
func TestSamplesKeepWhatTheyAreMadeOf(t *testing.T) {
	for _, at := range []micros{0, 1, monday.UnixMicro() + 123457, time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()} {
		for _, special := range []cleanse.Special{cleanse.Measured, cleanse.Low, cleanse.High} {
			for _, source := range origins {
				e := cleanse.Event{ID: "x", Source: source, Glucose: cleanse.GlucoseReading{MgdL: 5.5 * cleanse.MgdLPerMmolL, Special: special}}
				s := sampled(at, &e)
				r := s.reading()
				if s.at() != at || r.Special != special || r.Source != source || s.id != name("x") || math.Abs(float64(r.MgdL-e.Glucose.MgdL)) > 1e-5 {
					t.Errorf("%v of %d, %v, %s", r, at, special, source)
				}
			}
		}
	}
}

// weight is how many bytes a window holds, itself included.
func (w *Window) weight() uintptr {
	return unsafe.Sizeof(*w) + uintptr(cap(w.samples()))*unsafe.Sizeof(sample{}) + uintptr(cap(w.shots()))*unsafe.Sizeof(shot{}) +
		uintptr(cap(w.plates()))*unsafe.Sizeof(plate{}) + uintptr(cap(w.insulin())) + uintptr(cap(w.periods()))*unsafe.Sizeof(period{})
}

func TestWindowsAreAsLargeAsTheirPeopleAreBusy(t *testing.T) {
	reading := cleanse.Event{Kind: cleanse.Glucose, Source: "cgm", At: monday, Glucose: cleanse.GlucoseReading{MgdL: 120}}
	for name, c := range map[string]struct {
		w    *Window
		most uintptr
	}{
		"one reading":           {observe(reading), 420},
		"weeks of sensor, pens": {observe(days(1, 20)...), 2048},
	} {
		if got := c.w.weight(); got > c.most {
			t.Errorf("%s: %d bytes, at most %d", name, got, c.most)
		}
	}
}
