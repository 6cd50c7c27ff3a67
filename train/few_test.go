package train

import (
	"strings"
	"testing"
)

// TestAModelOfFewPeopleSaysSo: its gates may pass, and it treats timidly all the same.
func TestAModelOfFewPeopleSaysSo(t *testing.T) {
	for n, says := range map[int]string{1: "from 1 person:", 12: "from 12 people:", fewLearners: ""} {
		r := Report{Model: "m-1", Split: Split{Train: make([]string, n)}}
		got := r.LearnedFromFew()
		if (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%d people: %q", n, got)
		}
		if says != "" && (!strings.Contains(r.Verdict(), says) || !strings.Contains(got, "--model m-1")) {
			t.Errorf("%d people: the verdict is %q", n, r.Verdict())
		}
	}
}
