package predict_test

import (
	"bytes"
	"testing"

	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// TestRecordsAreLent: a scorer keeps nothing of a record's own bytes, which hold another
// record as soon as this one is folded.
func TestRecordsAreLent(t *testing.T) {
	own, lent := predict.NewScorer(train.Prior()), predict.NewScorer(train.Prior())
	own.Watch(predict.StandardMoments())
	lent.Watch(predict.StandardMoments())
	room := make([]byte, 1<<12)
	for i, rec := range troubled(3, 9) {
		n := copy(room, rec.Value)
		m := copy(room[n:], rec.Key)
		borrowed := rec
		borrowed.Value, borrowed.Key = room[:n:n], room[n:n+m:n+m]
		said, _ := own.Apply(rec)
		again, _ := lent.Apply(borrowed)
		for j := range room {
			room[j] = '#'
		}
		want, got := text(t, said)+text(t, own.Noticed()), text(t, again)+text(t, lent.Noticed())
		if want != got {
			t.Fatalf("record %d: %s, want %s", i, got, want)
		}
		dirty := own.Dirty()
		lent.Dirty()
		for _, patient := range dirty {
			if !bytes.Equal(own.Memory(patient), lent.Memory(patient)) {
				t.Fatalf("record %d: memory of %s differs", i, patient)
			}
		}
	}
}
