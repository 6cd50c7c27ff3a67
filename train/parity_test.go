package train

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train/feature"
)

// parityEvents are so many as a test bears; `make test-parity` compares a million.
const parityEvents = 20_000

// What training is taught with, read back from Parquet, must be what live scoring saw,
// bit for bit, whatever sensors and people do.
func TestLiveVectorsEqualReplayedOnes(t *testing.T) {
	want := parityEvents
	if many := os.Getenv("TITRATE_PARITY_EVENTS"); many != "" {
		var err error
		if want, err = strconv.Atoi(many); err != nil {
			t.Fatal(err)
		}
	}
	bucket, err := lake.Dir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	live, compared := streamed(t, bucket, want)
	replayed := map[string]*digest{}
	err = FromLake(context.Background(), bucket, lake.EventOptions{})(func(patient string, events []cleanse.Event) error {
		replayed[patient] = new(digest)
		for i := range events {
			replayed[patient].observe(&events[i])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(live) != len(replayed) {
		t.Errorf("%d people live, %d replayed", len(live), len(replayed))
	}
	for patient, l := range live {
		if r := replayed[patient]; r == nil || l.sum != r.sum || l.vectors != r.vectors {
			t.Errorf("%s: live and replayed vectors differ: %+v, %+v", patient, l, r)
		}
	}
	t.Logf("%d events of %d people", compared, len(live))
}

// digest folds events and sums up the bits of the vector after each.
type digest struct {
	window  feature.Window
	vectors int
	sum     uint64
}

func (d *digest) observe(e *cleanse.Event) {
	d.window.Observe(e)
	var v feature.Vector
	if !d.window.Vector(d.window.Newest(), &v) {
		return
	}
	h := fnv.New64a()
	var b [8]byte
	for _, x := range v {
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(x))
		h.Write(b[:])
	}
	d.vectors++
	d.sum = d.sum*31 + h.Sum64()
}

// streamed lets virtual people with faulty devices send at least n events, which go both
// to live windows and into a lake, as the scorer and the ingest job take them.
func streamed(t *testing.T, bucket lake.Bucket, n int) (live map[string]*digest, sent int) {
	t.Helper()
	ctx := context.Background()
	people, err := simulate.People(simulate.Options{Patients: max(4, n/10_000), Seed: 3, Start: monday, Faults: []string{"all"}})
	if err != nil {
		t.Fatal(err)
	}
	partition := ingest.Partition{Topic: "events", TopicID: "parity"}
	writer := lake.NewWriter(bucket, lake.WriterOptions{})
	if _, err := writer.Assign(ctx, partition); err != nil {
		t.Fatal(err)
	}
	live, clean := map[string]*digest{}, cleanse.New()
	var batch []ingest.Record
	take := func(at time.Time, w ingest.Wire) error {
		value, err := json.Marshal(w)
		r := ingest.Record{Topic: "events", Offset: int64(sent), Seen: at, Key: []byte(w.Patient), Value: value}
		sent++
		if v := clean.Clean(r); v.Outcome == cleanse.Accepted || v.Outcome == cleanse.Late {
			if live[w.Patient] == nil {
				live[w.Patient] = new(digest)
			}
			live[w.Patient].observe(&v.Event)
		}
		batch = append(batch, r)
		return err
	}
	for day := 1; sent < n; day++ {
		for _, p := range people {
			if day == 1 {
				if err := take(monday, p.Profile()); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Advance(monday.AddDate(0, 0, day), take); err != nil {
				t.Fatal(err)
			}
		}
		if err := writer.Append(ctx, batch); err != nil {
			t.Fatal(err)
		}
		batch = nil
	}
	if _, err := writer.Flush(ctx, true); err != nil {
		t.Fatal(err)
	}
	return live, sent
}
