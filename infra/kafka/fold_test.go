package kafka

import (
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// TestAFoldTakesARecordOnce: also when the client hands it over again, and only what is
// older than what was folded is passed over.
func TestAFoldTakesARecordOnce(t *testing.T) {
	f := folding{fold: newCounter(), next: 5}
	var outs []placed
	for _, offset := range []int64{4, 5, 6, 5, 6, 9, 7} {
		outs = f.apply(ingest.Record{Key: []byte("k"), Value: []byte{byte('0' + offset)}, Offset: offset, Seen: time.Unix(offset, 0)}, outs)
	}
	var got string
	for _, out := range outs {
		if out.Topic == "answers" {
			got += string(out.Value)
		}
	}
	if got != "569" || f.next != 10 || f.seen != time.Unix(9, 0) {
		t.Errorf("answered %q, goes on at %d, saw %v", got, f.next, f.seen)
	}
}
