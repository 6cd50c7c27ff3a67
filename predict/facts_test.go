package predict

import (
	"encoding/json"
	"testing"
	"unsafe"
)

// TestAPersonFitsTheirClass: Go's allocator keeps 8 bytes beside a person, and gives who
// doesn't fit into 640 with them 704. What few people have lies behind a pointer.
func TestAPersonFitsTheirClass(t *testing.T) {
	if size := unsafe.Sizeof(Person{}); size > 640-8 {
		t.Errorf("a person takes %d bytes", size)
	}
}

// TestFactsAreRememberedAsEver: memory that was written before long-acting doses lay
// behind a pointer is read, and written in the same way.
func TestFactsAreRememberedAsEver(t *testing.T) {
	for _, text := range []string{
		`{}`,
		`{"Long":{"At":"2026-11-20T21:00:00Z","Units":18,"ID":7}}`,
		`{"Long":{"At":"2026-11-20T21:00:00Z","Units":18,"ID":7},"LongPrev":{"At":"2026-11-18T21:00:00Z","Units":17},` +
			`"LongOld":{"At":"2026-11-17T21:00:00Z","Units":16},"LongGap":"2026-11-20T21:00:00Z"}`,
	} {
		var f facts
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(f); err != nil || string(again) != text {
			t.Errorf("%s is remembered as %s (%v)", text, again, err)
		}
	}
}
