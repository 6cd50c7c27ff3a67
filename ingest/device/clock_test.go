package device

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestLocalTimesAroundTheChangeOfClocks(t *testing.T) {
	for _, c := range []struct{ zone, wall, want string }{
		{"Europe/London", "2024-01-01 12:00", "2024-01-01T12:00:00Z"},
		{"Europe/London", "2024-07-01 12:00", "2024-07-01T12:00:00+01:00"},
		{"Europe/London", "2024-03-31 00:59", "2024-03-31T00:59:00Z"},
		{"Europe/London", "2024-03-31 01:00", "2024-03-31T02:00:00+01:00"}, // skipped hour: not yet put forward
		{"Europe/London", "2024-03-31 01:59", "2024-03-31T02:59:00+01:00"},
		{"Europe/London", "2024-03-31 02:00", "2024-03-31T02:00:00+01:00"},
		{"Europe/London", "2023-10-29 00:59", "2023-10-29T00:59:00+01:00"},
		{"Europe/London", "2023-10-29 01:00", "2023-10-29T01:00:00+01:00"}, // doubled hour: first pass
		{"Europe/London", "2023-10-29 01:59", "2023-10-29T01:59:00+01:00"},
		{"Europe/London", "2023-10-29 02:00", "2023-10-29T02:00:00Z"},
		{"America/Chicago", "1991-04-07 02:30", "1991-04-07T03:30:00-05:00"},
		{"America/Chicago", "1991-10-27 01:30", "1991-10-27T01:30:00-05:00"},
		{"America/Chicago", "1991-10-27 02:00", "1991-10-27T02:00:00-06:00"},
		{"Australia/Lord_Howe", "2024-04-07 01:45", "2024-04-07T01:45:00+11:00"}, // half an hour, southern
		{"Australia/Lord_Howe", "2024-10-06 02:10", "2024-10-06T02:40:00+11:00"},
		{"Pacific/Kiritimati", "2024-06-01 00:00", "2024-06-01T00:00:00+14:00"},
	} {
		wall, err := time.Parse("2006-01-02 15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := instant(wall, zone(t, c.zone)).Format(time.RFC3339); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.zone, c.wall, got, c.want)
		}
	}
}

// A clock that shows the right time is read back to the moment it was read,
// or, in the second pass of a doubled hour, to the same reading of the first.
func TestAClockIsReadBack(t *testing.T) {
	zones := []string{"Europe/London", "America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"}
	rapid.Check(t, func(r *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(r, "zone"))
		at := time.Unix(rapid.Int64Range(600_000_000, 1_800_000_000).Draw(r, "at"), 0).In(z)
		wall, err := time.Parse(time.DateTime, at.Format(time.DateTime))
		if err != nil {
			r.Fatal(err)
		}
		back := instant(wall, z)
		if back.Format(time.DateTime) != at.Format(time.DateTime) || back.After(at) || at.Sub(back) > time.Hour {
			r.Fatalf("%s was read as %s", at, back)
		}
	})
}
