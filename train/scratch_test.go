package train

import (
	"os"
	"reflect"
	"testing"

	"github.com/titrate/titrate/train/feature"
)

// Examples on disk are those in memory, also after their memory was let go of, and
// nothing of them stays behind.
func TestExamplesOnDiskAreTheSame(t *testing.T) {
	dir := t.TempDir()
	want := collect(t, crowd(3, 3))
	got, err := CollectIn(dir, crowd(3, 3))
	if err != nil {
		t.Fatal(err)
	}
	got.Release()
	if got.Len() != want.Len() || !reflect.DeepEqual(got.People, want.People) || !reflect.DeepEqual(got.At, want.At) {
		t.Fatalf("%d rows of %v, want %d of %v", got.Len(), got.People, want.Len(), want.People)
	}
	for i := range want.Len() {
		var a, b feature.Vector
		var c, d Course
		want.Vector(i, &a)
		got.Vector(i, &b)
		want.Course(i, &c)
		got.Course(i, &d)
		if a != b || c != d || !same(want.Outcome(i), got.Outcome(i)) {
			t.Fatalf("row %d differs", i)
		}
	}
	got.Close()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := CollectIn(dir+"/none", crowd(1, 1)); err == nil {
		t.Error("no error without a place for them")
	}
}

// same compares with NaN equal to itself.
func same(a, b []float32) bool {
	for i := range a {
		if a[i] != b[i] && (a[i] == a[i] || b[i] == b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// Of more rows than memory has room for, everybody teaches with an even part of theirs,
// and those who judge do so with all of theirs.
func TestRowsAreBoundedEvenly(t *testing.T) {
	x := collect(t, crowd(6, 3))
	all := x.Rows(x.People)
	if len(all) != x.Len() {
		t.Fatalf("%d of %d rows", len(all), x.Len())
	}
	third := x.some(x.People, x.Len()/3)
	if len(third) != x.Len()/3 {
		t.Errorf("%d rows, want a third of %d", len(third), x.Len())
	}
	for k, own := range x.byPerson(third) {
		if want := len(x.byPerson(all)[k]) / 3; len(own) < want-1 || len(own) > want+1 {
			t.Errorf("%s teaches with %d rows, want %d", x.People[k], len(own), want)
		}
	}
	if few := x.few(x.People, x.Len()/2); len(few) != 3 {
		t.Errorf("judged by %v, want every other", few)
	}
	if few := x.few(x.People, x.Len()); len(few) != 6 {
		t.Errorf("judged by %v, want all", few)
	}
}
