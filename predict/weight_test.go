package predict_test

import (
	"fmt"
	"runtime"
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
				bytes, pieces := heap()
				s = predict.NewScorer(train.Prior())
				applyAll(s, log)
				s.Lighten()
				s.Dirty()
				people := float64(s.People())
				bytesNow, piecesNow := heap()
				b.ReportMetric(float64(bytesNow-bytes)/people, "B/person")
				b.ReportMetric(float64(piecesNow-pieces)/people, "objects/person")
				runtime.KeepAlive(log)
				runtime.KeepAlive(s)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func heap() (bytes, pieces uint64) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.HeapObjects
}

// hour is a profile and an hour of one person's readings.
func hour() []ingest.Record {
	log := []ingest.Record{record("p-1", 0, start, "profile", settings)}
	for m := 5; m <= 60; m += 5 {
		log = append(log, record("p-1", int64(len(log)), start.Add(time.Duration(m)*time.Minute), "glucose", fmt.Sprintf(`"value":%d,"unit":"mg/dL","source":"cgm"`, 130+m)))
	}
	return log
}
