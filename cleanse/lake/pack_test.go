package lake

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// fillRow gives every field of a row a value of its type, often the zero value.
func fillRow(random *rand.Rand, v reflect.Value) {
	text := func() string { return strings.Repeat("ü", random.IntN(3)*random.IntN(200)) }
	for i := range v.NumField() {
		f := v.Field(i)
		at := reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem() // also where it is unexported
		switch field := at.Addr().Interface().(type) {
		case *string:
			*field = text()
		case *[]byte:
			*field = [][]byte{nil, {}, {0}, []byte(text())}[random.IntN(4)]
		case *int64:
			*field = []int64{0, -1, math.MinInt64, random.Int64()}[random.IntN(4)]
		case *int32:
			*field = []int32{0, -1, math.MinInt32, random.Int32()}[random.IntN(4)]
		case *float64:
			*field = []float64{0, math.Copysign(0, -1), math.Inf(1), random.NormFloat64()}[random.IntN(4)]
		case *bool:
			*field = random.IntN(2) == 0
		case **float64:
			zero, some := 0.0, random.NormFloat64()
			*field = []*float64{nil, &zero, &some}[random.IntN(3)]
		case **string:
			some := text()
			*field = []*string{nil, &some}[random.IntN(2)]
		case **int32:
			zero, some := int32(0), random.Int32()
			*field = []*int32{nil, &zero, &some}[random.IntN(3)]
		case *[]reasonRow:
			*field = [][]reasonRow{nil, {}, {{Field: text(), Code: "c"}, {Note: text()}}}[random.IntN(3)]
		default:
			fillRow(random, at)
		}
	}
}

func roundTrip[R any](t *testing.T) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	p := packingOf[R]()
	u := p.newUnpacker(gather)
	rows := make([]R, gather)
	var held store
	held.pool = &pool{}
	var spots []spot
	for i := range rows {
		fillRow(random, reflect.ValueOf(&rows[i]).Elem())
		spots = append(spots, held.put(p.pack(nil, &rows[i])))
	}
	back := make([]R, len(rows))
	for i := range back {
		u.unpack(held.from(spots[i]), &back[i])
	}
	for i := range rows {
		if !reflect.DeepEqual(rows[i], back[i]) {
			t.Fatalf("%T %+v came back as %+v", rows[i], rows[i], back[i])
		}
	}
}

func glucoseRowOf(e *cleanse.Event) glucoseRow {
	return glucoseRow{
		row: rowOf(e), MgdL: float64(e.Glucose.MgdL), Trend: present(&e.Glucose.Trend),
		Special: present(&specials[e.Glucose.Special]),
	}
}

func insulinRowOf(e *cleanse.Event) insulinRow {
	i := &e.Insulin
	return insulinRow{
		row: rowOf(e), Units: float64(i.Units), Kind: present(&i.Action), Reason: present(&i.Reason),
		Product: present(&i.Product), DurationMin: positive(i.Duration.Minutes()),
	}
}

// TestPackerPacksAsPackingDoes: the rows that are packed without being made.
func TestPackerPacksAsPackingDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	text := func() string { return strings.Repeat("ü", random.IntN(2)*random.IntN(200)) }
	glucose, insulin, raw := packingOf[glucoseRow](), packingOf[insulinRow](), packingOf[rawRow]()
	var p packer
	for range 10_000 {
		e := cleanse.Event{
			Patient: text(), At: micros(random.Int64N(3) * random.Int64N(1<<50)), Seen: micros(random.Int64N(3) * random.Int64N(1<<50)), ID: text(), Device: text(),
			Source: text(), Backfill: random.IntN(2) == 0, Late: random.IntN(2) == 0, Replaces: text(), Extra: text(), Flags: cleanse.Flags(text()),
			Partition: random.Int32N(3), Offset: random.Int64N(3) * random.Int64(),
			Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(random.IntN(3)), Trend: text(), Special: cleanse.Special(random.IntN(3))},
			Insulin: cleanse.InsulinDose{Units: cleanse.Units(random.IntN(3)), Action: text(), Reason: text(), Product: text(),
				Duration: time.Duration(random.IntN(3)) * time.Minute},
		}
		g, i := glucoseRowOf(&e), insulinRowOf(&e)
		if got, want := p.glucoseRow(&e, e.At.UnixMicro()), glucose.pack(nil, &g); !bytes.Equal(got, want) {
			t.Fatalf("%+v is packed as %x instead of %x", g, got, want)
		}
		if got, want := p.insulinRow(&e, e.At.UnixMicro()), insulin.pack(nil, &i); !bytes.Equal(got, want) {
			t.Fatalf("%+v is packed as %x instead of %x", i, got, want)
		}
		rec := ingest.Record{Topic: text(), Partition: e.Partition, Offset: e.Offset, Seen: e.Seen, Key: [][]byte{nil, {}, []byte(text())}[random.IntN(3)],
			Value: [][]byte{nil, {}, []byte(text())}[random.IntN(3)]}
		r := rawRow{message: messageOf(&rec), Outcome: text()}
		if got, want := p.rawRow(&rec, rec.Seen.UnixMicro(), r.Outcome), raw.pack(nil, &r); !bytes.Equal(got, want) {
			t.Fatalf("%+v is packed as %x instead of %x", r, got, want)
		}
	}
}

func TestPackedRowsComeBackAsTheyWere(t *testing.T) {
	roundTrip[rawRow](t)
	roundTrip[glucoseRow](t)
	roundTrip[mealRow](t)
	roundTrip[insulinRow](t)
	roundTrip[profileRow](t)
	roundTrip[responseRow](t)
	roundTrip[activityRow](t)
	roundTrip[noteRow](t)
	roundTrip[retractionRow](t)
	roundTrip[quarantineRow](t)
	roundTrip[recommendationRow](t)
	roundTrip[shadowRow](t)
	roundTrip[momentRow](t)
}

// TestStoreKeepsWhatIsNotDropped puts pieces of all sizes and drops from the front.
func TestStoreKeepsWhatIsNotDropped(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	h := store{pool: &pool{}}
	type piece struct {
		spot
		text string
	}
	var held []piece
	for i := range 20_000 {
		text := strings.Repeat(fmt.Sprint(i), 1+random.IntN(30))
		if i%1000 == 0 {
			text = strings.Repeat(text, slabSize/len(text)+random.IntN(100))
		}
		held = append(held, piece{h.put([]byte(text)), text})
		if random.IntN(500) == 0 {
			held = held[random.IntN(len(held)):]
			h.drop(held[0].spot)
		}
		p := held[random.IntN(len(held))]
		if got := string(h.from(p.spot)[:len(p.text)]); got != p.text {
			t.Fatalf("%.20q became %.20q", p.text, got)
		}
	}
	h.clear()
	if h.used != 0 || len(h.slabs) != 0 {
		t.Errorf("%d bytes are left in %d slabs", h.used, len(h.slabs))
	}
}

// TestDealtRowsAreInOrder: day, patient, time, arrival, as sorting would have it.
func TestDealtRowsAreInOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		rows := readings(1 + random.IntN(3000))
		s := shelfOf(rows)
		ranks := s.ranks()
		var last *mark
		lastDay, count := day(math.MinInt32), 0
		for _, sp := range arrange(s.marks, ranks) {
			if sp.day <= lastDay {
				t.Fatalf("day %v comes after %v", sp.day, lastDay)
			}
			lastDay, last = sp.day, nil
			for _, i := range sp.order {
				m := &s.marks[i]
				count++
				if dayOf(m.time) != sp.day {
					t.Fatalf("a row of %v in %v", dayOf(m.time), sp.day)
				}
				if last != nil && !inOrder(last, m, ranks) {
					t.Fatalf("%v of patient %d comes before %v of patient %d", time.UnixMicro(last.time),
						ranks[last.patient], time.UnixMicro(m.time), ranks[m.patient])
				}
				last = m
			}
		}
		if count != len(rows) {
			t.Fatalf("%d of %d rows are left", count, len(rows))
		}
	}
}

func inOrder(a, b *mark, ranks []uint32) bool {
	switch {
	case ranks[a.patient] != ranks[b.patient]:
		return ranks[a.patient] < ranks[b.patient]
	case a.time != b.time:
		return a.time < b.time
	}
	return a.offset < b.offset
}
