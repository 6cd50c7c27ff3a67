package predict_test

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// BenchmarkWeight is the heap that a person takes, and in how many pieces, without what
// cleansing remembers of the log: after an hour of readings, and after days with meals, doses and advice.
func BenchmarkWeight(b *testing.B) {
	for name, log := range map[string][]ingest.Record{
		"an hour of a sensor": crowd(2000, hour()), "nine days": crowd(100, life(7, 9)),
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				s := predict.NewScorer(train.Prior())
				s.Lighten()
				before := heap()
				s = predict.NewScorer(train.Prior())
				applyAll(s, log)
				s.Lighten()
				s.Dirty()
				people := float64(s.People())
				now := heap()
				b.ReportMetric(float64(now.bytes-before.bytes)/people, "B/person")
				b.ReportMetric(float64(now.scanned-before.scanned)/people, "scanned-B/person")
				b.ReportMetric(float64(now.pieces-before.pieces)/people, "objects/person")
				runtime.KeepAlive(log)
				runtime.KeepAlive(s)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// weight is the heap in use: its bytes, those of them that a collection of garbage looks
// through for pointers, and the pieces of memory that they lie in.
type weight struct{ bytes, scanned, pieces uint64 }

func heap() weight {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	scanned := []metrics.Sample{{Name: "/gc/scan/heap:bytes"}}
	metrics.Read(scanned)
	return weight{m.HeapAlloc, scanned[0].Value.Uint64(), m.HeapObjects}
}

// BenchmarkCollection is a collection of garbage beside 20,000 people with an hour's
// readings. What it takes on several processors depends on what else runs: give it -cpu 1.
func BenchmarkCollection(b *testing.B) {
	s := predict.NewScorer(train.Prior())
	applyAll(s, crowd(20_000, hour()))
	s.Dirty()
	for b.Loop() {
		runtime.GC()
	}
	runtime.KeepAlive(s)
}

// hour is a profile and an hour of one person's readings.
func hour() []ingest.Record {
	log := []ingest.Record{record("p-1", 0, start, "profile", settings)}
	for m := 5; m <= 60; m += 5 {
		log = append(log, record("p-1", int64(len(log)), start.Add(time.Duration(m)*time.Minute), "glucose", fmt.Sprintf(`"value":%d,"unit":"mg/dL","source":"cgm"`, 130+m)))
	}
	return log
}
