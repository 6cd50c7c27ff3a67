package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/train/feature"
)

// learnedOf is what a log teaches the model.
func learnedOf(t *testing.T, m *Model, replay Replay) *Adaptation {
	t.Helper()
	a, err := m.Learn(replay)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// raised is a log whose readings from a day on lie higher.
func raisedLog(replay Replay, day int, by cleanse.MgdL) Replay {
	return func(fn func(string, []cleanse.Event) error) error {
		return replay(func(patient string, events []cleanse.Event) error {
			for i := range events {
				if !events[i].At.Before(monday.AddDate(0, 0, day)) {
					events[i].Glucose.MgdL += by
				}
			}
			return fn(patient, events)
		})
	}
}

// until is a log's first days.
func until(replay Replay, days float64) Replay {
	return func(fn func(string, []cleanse.Event) error) error {
		return replay(func(patient string, events []cleanse.Event) error {
			var first []cleanse.Event
			for i := range events {
				if events[i].At.Before(at(days * 24 * 60)) {
					first = append(first, events[i])
				}
			}
			return fn(patient, first)
		})
	}
}

// What is served of a person is what the report judges: the same forecast of the same
// vector after the same log, but for the 16 bits in which it is stored.
func TestServedForecastsAreTheReports(t *testing.T) {
	people, m := crowd(3, 9), Prior()
	m.Adaptation = learnedOf(t, m, people)
	x := collect(t, people)
	compared := 0
	for _, rows := range x.byPerson(x.Rows(x.People)) {
		last := new(instant)
		m.Weights.follow(x, rows, func(i *instant) { *last = *i })
		patient := x.People[x.Person[last.row]]
		by := m.Correction(patient, &last.v)
		var served Forecast
		m.ForecastOf(&last.v, Plan{}, &by, &served)
		for h := range horizons {
			var judged Forecast
			last.blind(&m.Weights, h).write(&judged, h)
			most := Scale[h] * personalSize * inputMost * wayUnit / 2
			if by[h] == 0 || math.Abs(float64(served.P50[h]-judged.P50[h])) > most {
				t.Errorf("%s, %d min: served %v (moved by %v), judged %v", patient, Horizons[h], served.P50[h], by[h], judged.P50[h])
			}
			compared++
		}
	}
	var v feature.Vector
	if by := m.Correction("nobody", &v); by != (Correction{}) || compared != 3*horizons {
		t.Errorf("a stranger is corrected by %v; %d compared", by, compared)
	}
}

// What came after a moment corrects nothing that was learned up to it.
func TestAdaptationKnowsNoFuture(t *testing.T) {
	people, m := crowd(1, 6), learned(5)
	whole, part := learnedOf(t, m, people), learnedOf(t, m, until(people, 4))
	again := learnedOf(t, m, until(raisedLog(people, 4, 100), 4))
	if part.rows != again.rows || part.rows == whole.rows {
		t.Error("readings of later days changed what the first four taught")
	}
	if want := monday.AddDate(0, 0, 4); part.Until.After(want) || want.Sub(part.Until) > 20*time.Minute {
		t.Errorf("it says that it knows the log up to %v, want shortly before %v", part.Until, want)
	}
}

// farthest is by how much two adaptations differ at most in what they do to a person at
// moments of unit size, in Scale.
func farthest(t *testing.T, a, b *Adaptation, patient string) (most float64) {
	t.Helper()
	x, _ := a.way(patient)
	y, ok := b.way(patient)
	if !ok {
		t.Fatalf("nothing was learned of %s", patient)
	}
	for h := range x {
		sum := 0.0
		for i := range x[h] {
			sum += math.Abs(x[h][i] - y[h][i])
		}
		most = max(most, sum)
	}
	return most
}

// A log that goes wild moves a person's correction by no more than the pace: within one
// log, from one adaptation to the next, and if history changes behind our back.
func TestCorrectionsMoveSlowly(t *testing.T) {
	ctx, m := context.Background(), Prior()
	const rounding = personalSize * wayUnit
	people := crowd(1, 12)
	wild := raisedLog(people, 8, 100)
	calm := learnedOf(t, m, until(people, 8))
	jumped := learnedOf(t, m, until(wild, 9))
	if got := farthest(t, calm, jumped, "p-00"); got > personalPace+rounding || got < 0.9*personalPace {
		t.Errorf("after a day of readings 100 mg/dL higher it moved by %.3f of Scale, at most (and here as much as) %v a day", got, personalPace)
	}

	_, registry := directory(t)
	m.Version = "2026-11-02.1"
	first, published, err := Adapt(ctx, registry, m, calm)
	if err != nil || !published || first.Number != 1 {
		t.Fatalf("%+v %t %v", first, published, err)
	}
	// History that was sent in later says that glucose was always higher.
	rewritten := learnedOf(t, m, until(raisedLog(people, 0, 100), 8.5))
	second, published, err := Adapt(ctx, registry, m, rewritten)
	if err != nil || !published || second.Number != 2 {
		t.Fatalf("%+v %t %v", second, published, err)
	}
	days := second.Until.Sub(first.Until).Hours() / 24
	if got := farthest(t, first, second, "p-00"); got > personalPace*days+rounding || farthest(t, first, rewritten, "p-00") < 2*personalPace*days {
		t.Errorf("in %.2f days it moved by %.3f of Scale, the log by %.3f", days, got, farthest(t, first, rewritten, "p-00"))
	}
	third, published, err := Adapt(ctx, registry, m, rewritten)
	if err != nil || published || third.Number != 2 {
		t.Errorf("nothing new in the log, and %+v was published (%t), %v", third, published, err)
	}
	older, published, err := Adapt(ctx, registry, m, calm)
	if err != nil || published || older.Number != 2 {
		t.Errorf("an older log moved it: %+v (%t), %v", older, published, err)
	}
}

// The same log makes the same bytes, whether training reads it or the job that comes later;
// somebody of whom nothing was learned has no entry.
func TestTheSameLogMakesTheSameAdaptation(t *testing.T) {
	stranger := func(fn func(string, []cleanse.Event) error) error {
		return errors.Join(crowd(4, 4)(fn), fn("p-98", hours()[:40]), fn("p-99", hours()[:1])) // some hours, one reading
	}
	result, err := Run(context.Background(), Options{Replay: stranger, Fit: asIs, Now: monday, Adapt: true})
	if err != nil {
		t.Fatal(err)
	}
	a, b := learnedOf(t, result.Model, stranger), learnedOf(t, result.Model, stranger)
	x, errX := a.encode(result.Model)
	y, errY := b.encode(result.Model)
	z, errZ := result.Adaptation.encode(result.Model)
	if err := errors.Join(errX, errY, errZ); err != nil || !bytes.Equal(x, y) || !bytes.Equal(x, z) {
		t.Errorf("three readings of a log, three adaptations (%d, %d, %d bytes), %v", len(x), len(y), len(z), err)
	}
	if a.People() != 4 || a.Moments < 4*3*100 {
		t.Errorf("it knows %d people by %d moments", a.People(), a.Moments)
	}
	back, err := decodeAdaptation(x, result.Model)
	if err != nil || back.rows != a.rows || !back.Until.Equal(a.Until) || back.Moments != a.Moments {
		t.Errorf("it came back as %+v, %v", back, err)
	}
}

// A model of many people: what is kept of each stays small, and one is learned at a time.
func TestLearningHoldsOnePersonAtATime(t *testing.T) {
	m, events := Prior(), life(1, 2)
	a := learnedOf(t, m, func(fn func(string, []cleanse.Event) error) error {
		for i := range 200 {
			if err := fn(fmt.Sprintf("p-%03d", i), events); err != nil {
				return err
			}
		}
		return nil
	})
	if each := len(a.rows) / a.People(); a.People() != 200 || each > 330 {
		t.Errorf("%d people take %d bytes each", a.People(), each)
	}
}

func TestAnAdaptationSaysWhyItIsNotTaken(t *testing.T) {
	ctx := context.Background()
	root, registry := directory(t)
	result, err := Run(ctx, Options{Replay: crowd(4, 4), Fit: asIs, Now: monday, Adapt: true})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Publish(ctx, registry, result, monday)
	if err != nil || m.Name() != "2026-11-02.1+1" {
		t.Fatalf("published %v, %v", m, err)
	}
	data, err := m.Adaptation.encode(m)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int) []byte {
		other := bytes.Clone(data)
		other[at] ^= 1
		return other
	}
	others := learned(4)
	ofOthers, err := learnedOf(t, others, crowd(1, 3)).encode(others)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.IndexByte(data, '\n')
	n := 1
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut short":        {data[:len(data)-9], "damaged"},
		"without its head": {data[head+1:], "damaged"},
		"empty":            {nil, "damaged"},
		"a bit":            {changed(len(data) - 3), "damaged: its checksum"},
		"other weights":    {ofOthers, "made for the weights"},
		"another basis":    {bytes.Replace(data, []byte(basisSum()), []byte("0123456789abcdef"), 1), "run titrate models adapt"},
	} {
		n++
		if err := os.WriteFile(filepath.Join(root, adaptationName(m.Version, n)), c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Named(ctx, registry, nameOf(m.Version, n)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	// The next one is published behind the broken ones, from the last that can be read.
	a, published, err := Adapt(ctx, registry, m, result.Adaptation)
	if err != nil || !published || a.Number != n+1 || a.rows != result.Adaptation.rows {
		t.Errorf("after broken ones: %+v, %t, %v", a, published, err)
	}
}

// Names tell a version as it was trained from each of its adaptations, so that what was
// said can be said again; a registry without adaptations works as before.
func TestNamesOfAdaptations(t *testing.T) {
	ctx := context.Background()
	_, registry := directory(t)
	plain := published(t, registry, trained(t), asItIs)
	if err := Promote(ctx, registry, plain, "", monday); err != nil {
		t.Fatal(err)
	}
	if name, err := Current(ctx, registry, ChampionAlias); err != nil || name != plain {
		t.Errorf("without adaptations the champion is %s, %v", name, err)
	}
	m, err := Named(ctx, registry, plain)
	if err != nil || m.Adaptation != nil || m.Name() != plain {
		t.Fatalf("%+v, %v", m, err)
	}
	for days := 3; days < 6; days++ {
		if _, _, err := Adapt(ctx, registry, m, learnedOf(t, m, crowd(2, days))); err != nil {
			t.Fatal(err)
		}
	}
	if name, err := Current(ctx, registry, ChampionAlias); err != nil || name != plain+"+3" {
		t.Errorf("the champion is %s, %v", name, err)
	}
	for name, number := range map[string]int{plain: 0, plain + "+1": 1, plain + "+3": 3} {
		m, err := Named(ctx, registry, name)
		if err != nil || m.Name() != name || (m.Adaptation != nil) != (number > 0) || m.Unadapted().Name() != plain {
			t.Errorf("%s is %v, %v", name, m, err)
		}
	}
	for _, name := range []string{plain + "+4", plain + "+", plain + "+01", plain + "+x", "2020-01-01.1+1"} {
		if m, err := Named(ctx, registry, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is %v, %v", name, m, err)
		}
	}
	if _, err := Current(ctx, registry, ChallengerAlias); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a challenger that nobody is: %v", err)
	}
	if a, n, err := Adapted(ctx, registry, plain); err != nil || n != 3 || a.Number != 3 {
		t.Errorf("%+v, %d, %v", a, n, err)
	}
}

// Two jobs at once: each has a number of its own, and the second keeps to the pace from
// the first.
func TestTwoAdaptAtOnce(t *testing.T) {
	ctx, m := context.Background(), Prior()
	m.Version = "2026-11-02.1"
	_, bucket := directory(t)
	a, b := learnedOf(t, m, crowd(1, 8)), learnedOf(t, m, raisedLog(crowd(1, 8), 0, 100))
	registry := &rival{Bucket: bucket, first: func() error {
		_, _, err := Adapt(ctx, bucket, m, a)
		return err
	}}
	second, published, err := Adapt(ctx, registry, m, b)
	if err != nil || published || second.Number != 1 || second.rows != a.rows {
		t.Errorf("the rival has told of the same days, and %+v was published on top (%t), %v", second, published, err)
	}
}

// rival is a registry in which somebody else is faster once.
type rival struct {
	lake.Bucket
	first func() error
}

func (r *rival) Put(ctx context.Context, name string, body *io.SectionReader) error {
	if r.first != nil {
		first := r.first
		r.first = nil
		if err := first(); err != nil {
			return err
		}
	}
	return r.Bucket.Put(ctx, name, body)
}
