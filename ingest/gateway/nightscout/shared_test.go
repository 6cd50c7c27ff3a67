package nightscout

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestManyAtOnce(t *testing.T) {
	s := newSite(t)
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			for i := range 25 {
				at := start.Add(-time.Duration(i) * time.Minute).UnixMilli()
				s.do("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":%d,"date":%d}`, 100+n, at))
				s.do("GET", "/api/v1/entries?find[sgv][$gt]=90", "")
			}
		})
	}
	wait.Wait()
	s.now = s.now.Add(time.Hour)
	if got := s.list("GET", "/api/v1/entries?count=100", ""); len(got) != 25 {
		t.Errorf("%d entries of 25 moments", len(got))
	}
}

func BenchmarkPostEntry(b *testing.B) {
	s := newSite(b)
	b.ReportAllocs()
	for i := range b.N {
		at := start.Add(time.Duration(i) * time.Second).UnixMilli()
		if w := s.do("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":100,"date":%d}`, at)); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
