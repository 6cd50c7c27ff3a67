package gateway

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
)

// Whatever the body, the splitter doesn't panic; each item is answered once, in
// its place; and an accepted one is a stretch of the body, behind the one before.
func FuzzSplit(f *testing.F) {
	for _, body := range []string{"", "[]", anna, "[" + anna + "," + bert + "]", anna + "\n\n" + bert, "[1,{}", "\xff", "[[[", "null\n3\n{\"patient\":\"x\"}", "[{}] ", "{\"patient\":\"\\ud800\"}"} {
		for _, kind := range []string{"", plain, lined} {
			f.Add(kind, []byte(body))
		}
	}
	g := open(f, &memory{}, func(o *Options) { o.MaxEvents = 50 })
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		items, p := g.split(Holder{Patient: Everybody}, contentType, body)
		if (p == nil) == (len(items) == 0) {
			t.Fatalf("%d items and problem %v", len(items), p)
		}
		if p != nil {
			if p.status < 400 || p.Error == "" {
				t.Fatalf("problem %+v", p)
			}
			return
		}
		if len(items) > 50 {
			t.Fatalf("%d items", len(items))
		}
		messages, accepted := g.messages(items), 0
		rest := body
		for i, item := range answerTo(items, len(messages)).Items {
			if item.N != i+1 || (item.Status == http.StatusAccepted) == (item.Error != "") {
				t.Fatalf("item %d answered %+v", i+1, item)
			}
			if item.Status != http.StatusAccepted {
				continue
			}
			m := messages[accepted]
			accepted++
			at := bytes.Index(rest, m.Value)
			if at < 0 || len(m.Key) == 0 || len(m.Key) > maxPatient {
				t.Fatalf("message %q: %q isn't in what remains of the body", m.Key, m.Value)
			}
			rest = rest[at+len(m.Value):]
		}
		if accepted != len(messages) {
			t.Fatalf("%d answered, %d logged", accepted, len(messages))
		}
	})
}

// A line is an item, a blank one isn't: counted here without the splitter.
func TestEveryLineHasItsAnswer(t *testing.T) {
	g := open(t, &memory{}, nil)
	body := strings.Repeat(anna+"\n  \r\nnonsense\n", 300)
	items, p := g.split(Holder{Patient: Everybody}, lined, []byte(body))
	if p != nil || len(items) != 600 {
		t.Fatalf("%d items, %v", len(items), p)
	}
	for i, it := range items {
		if (i%2 == 0) != (it.status == http.StatusAccepted) {
			t.Fatalf("item %d: %+v", i+1, it)
		}
	}
}

// discard takes everything.
type discard struct{}

func (discard) Send(context.Context, []Message) error { return nil }

// BenchmarkSingle is one event in one request, without network and broker.
func BenchmarkSingle(b *testing.B) {
	g := open(b, discard{}, nil)
	b.ReportAllocs()
	for b.Loop() {
		if w := do(g, request(plain, anna)); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
