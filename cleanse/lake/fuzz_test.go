package lake_test

import (
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
)

// FuzzClaim looks for a claim, as somebody's hand may have left it in the ledger, that
// an assignment doesn't answer, or answers by an offset that no log has.
func FuzzClaim(f *testing.F) {
	f.Add([]byte(`{"topic":"events","topic_id":"A","partition":0,"start":0,"next":7,"schema":2,"rules":3,"counts":{"read":7},"files":[]}`), true)
	f.Add([]byte(`{"start":0,"next":9,"gap":{"why":"truncated","continues":"A-cut-1","from":4}}`), true)
	f.Add([]byte(`{"start":0,"next":9,"gap":{"why":"expired"}}`), false)
	f.Fuzz(func(t *testing.T, claim []byte, done bool) {
		b := newMemory()
		name := "_ledger/A/0/" + strings.Repeat("0", 20)
		b.objects[name+".json"] = claim
		if done {
			b.objects[name+".done"] = []byte("{}")
		}
		start, err := lake.NewWriter(b, lake.WriterOptions{}).Assign(t.Context(), topic("A", 0))
		if err == nil && (start.From < 0 || start.From > start.Next) {
			t.Fatalf("reading starts at %+v by %s", start, claim)
		}
	})
}
