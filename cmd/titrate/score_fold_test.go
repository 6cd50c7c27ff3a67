package main

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
)

// Of several memories of somebody the newest counts, and one that was deleted is none,
// before the first event of the past is folded.
func TestTheNewestMemoryIsRestored(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	event := func(offset int64, kind, fields string) ingest.Record {
		value := fmt.Sprintf(`{"type":%q,"patient":"p","time":%q,%s}`, kind, now.Format(time.RFC3339), fields)
		return ingest.Record{Key: []byte("p"), Value: []byte(value), Offset: offset, Seen: now}
	}
	owner := predict.NewScorer(nil)
	var memories [][]byte
	for i, rec := range []ingest.Record{event(0, "profile", benchProfile), event(1, "activity", `"minutes":30`)} {
		owner.Apply(rec)
		if len(owner.Dirty()) == 0 {
			t.Fatalf("event %d isn't remembered", i)
		}
		memories = append(memories, owner.Memory("p"))
	}
	if bytes.Equal(memories[0], memories[1]) {
		t.Fatal("both memories are the same, so the test shows nothing")
	}
	for name, c := range map[string]struct{ told, want [][]byte }{
		"the newest":  {memories, memories[1:]},
		"deleted":     {[][]byte{memories[0], nil}, [][]byte{nil}},
		"told again":  {[][]byte{memories[1], nil, memories[0]}, memories[:1]},
		"unreadable":  {[][]byte{memories[0], []byte("{")}, [][]byte{nil}},
		"of one only": {memories[:1], memories[:1]},
	} {
		f := fold{scorer: predict.NewScorer(nil), charge: &charge{}}
		for _, memory := range c.told {
			kafka.Fold.Restore(&f, ingest.Record{Key: []byte("p"), Value: memory})
		}
		f.Replay(ingest.Record{Key: []byte("q"), Value: []byte("no event"), Seen: now})
		got := f.scorer.Memory("p")
		if name == "unreadable" { // known by name, and nothing else
			c.want[0] = predict.NewPerson("p", nil).Memory()
		}
		if !bytes.Equal(got, c.want[0]) {
			t.Errorf("%s: %s, want %s", name, got, c.want[0])
		}
	}
}
