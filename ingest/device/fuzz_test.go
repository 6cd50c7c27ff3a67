package device

import (
	"testing"
	"time"
)

// Whatever a line holds, it becomes one JSON object, for its person, that names
// nothing twice; and what has no readable time is a defect.
func FuzzLine(f *testing.F) {
	for _, text := range []string{
		"01/10/2023 00:04,7.5", " 16/01/2024 13:10,Dinner,McPlant,105,26,43,5", "21/02/2024,Snack,,1,,,", `x,"y`,
		"10/11/2023 00:00,1.725,R,,", "04/09/2023 08:42,9,L", "10-31-1989\t12:00\t60\t0Hi", "04-21-1991\t9:09\t33\t009",
		"\t138\t33\t3A", "10-12-1989\t7:00\t0\t", "\xff\xfe", "\x00,\x00,\x00", "31/02/2024 25:61,1e999,R", "01-01-0000\t00:00\t65\t\"",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := line{text, 7}
		drafts := []draft{uciDraft("p", "data-1", l, time.UTC)}
		for kind := range uomColumns {
			file := uomFile{kind: kind, name: kind, data: []line{l, l}}
			all := uomPerson("p", []uomFile{file}, time.UTC)
			if all[0].src.number == 0 {
				all = all[1:] // the profile
			}
			if len(all) != 2 {
				t.Fatalf("2 lines of %s became %d events", kind, len(all))
			}
			drafts = append(drafts, all...)
		}
		for _, d := range drafts {
			row, err := d.row()
			if err != nil {
				t.Fatal(err)
			}
			whole(t, row)
			if d.adrift && d.wire.Defect == "" {
				t.Fatalf("no defect, though the time isn't known: %s", row.JSON)
			}
		}
	})
}
