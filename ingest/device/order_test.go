package device

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// days makes drafts of one file at days since 2024-01-01; "?" is unreadable.
func days(list string) []draft {
	var all []draft
	for i, word := range strings.Fields(list) {
		d := draft{file: "f", src: line{word, i + 1}}
		if word == "?" {
			d.adrift = true
		} else {
			n, _ := decimal(word)
			d.at = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n * 24 * float64(time.Hour)))
		}
		all = append(all, d)
	}
	return all
}

func TestADateFarFromBothNeighboursIsAstray(t *testing.T) {
	for _, c := range []struct {
		name, days string
		want       []int
	}{
		{"none", "0 1 2", nil},
		{"a year back", "0 -365 1", []int{1}},
		{"ten years on", "0 3653 1", []int{1}},
		{"two apart", "0 -365 1 -365 2", []int{1, 3}},
		{"a run", "0 -365 -364 -363 1", []int{1, 2, 3}},
		{"a run of different years", "0 -365 3653 1", []int{1, 2}},
		{"unreadable between", "0 ? -365 ? 1", []int{2}},
		{"just near enough", "0 180 1", nil},
		{"just too far", "0 180.1 1", []int{1}},
		{"neighbours apart", "0 -365 61", nil},
		{"neighbours just close", "0 -365 60", []int{1}},
		{"a long pause", "0 1 400 401", nil},
		{"a month's pauses", "0 60 150 240", nil},
		{"out of order by weeks", "0 30 2 31 3", nil},
		{"first row", "-365 0 1", nil},
		{"last row", "0 1 -365", nil},
		{"too long a run", "0 400 401 402 403 404 405 406 407 408 1", nil},
		{"nothing", "", nil},
	} {
		if got := strays(days(c.days)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatHasNoTimeStandsBesideItsNeighbour(t *testing.T) {
	for _, c := range []struct{ days, want string }{
		{"3 1 2", "1 2 3"},
		{"5 ? 6", "5 ? 6"},
		{"? 5 4", "4 ? 5"},
		{"? ? 5", "? ? 5"},
		{"7 ? ? 1", "1 7 ? ?"},
		{"?", "?"},
	} {
		var got []string
		for _, d := range inOrder(days(c.days)) {
			got = append(got, d.src.text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s became %v, want %s", c.days, got, c.want)
		}
	}
}

// A neighbour is looked for in the same file only.
func TestANeighbourIsOfTheSameFile(t *testing.T) {
	all := append(days("9"), days("? 2")...)
	all[1].file, all[2].file = "g", "g"
	if got := inOrder(all); got[0].src.text != "?" || got[2].src.text != "9" {
		t.Errorf("order %s %s %s", got[0].src.text, got[1].src.text, got[2].src.text)
	}
}

func TestDecimal(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "009": 9, "5.25": 5.25, "-1": -1, "+2": 2, ".5": .5, "0.1": .1} {
		if got, ok := decimal(text); !ok || got != want {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "NaN", "Inf", "1e3", "0x1F", "1_000", "0Hi", "0''", "3A", "1,5", "1.2.3", "--1", " 1", "-"} {
		if got, ok := decimal(text); ok {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}
