package predict_test

import (
	"testing"

	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// BenchmarkMemory writes the memory of somebody with an hour of readings, and of somebody
// who has lived nine busy days.
func BenchmarkMemory(b *testing.B) {
	for _, c := range []struct {
		name, patient string
		scorer        *predict.Scorer
	}{{"hour", "p-1", predict.NewScorer(train.Prior())}, {"days", "", predict.NewScorer(train.Prior())}} {
		log := hour()
		if c.patient == "" {
			log = life(7, 9)
			c.patient = string(log[0].Key)
		}
		applyAll(c.scorer, log)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				c.scorer.Memory(c.patient)
			}
		})
	}
}
