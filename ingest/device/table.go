package device

import (
	"encoding/csv"
	"strings"
	"unicode"
)

// maxJoin is over how many lines a quoted cell may run. An unclosed quote must not
// swallow the rest of the file: then each line stands for itself, and is a defect.
const maxJoin = 20

// joined puts lines together that one quoted cell runs over, and says how many were
// added to another.
func joined(lines []line) (records []line, more int) {
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		if n := runOn(lines[i:]); n > 0 {
			for _, next := range lines[i+1 : i+1+n] {
				l.text += "\n" + next.text
			}
			i += n
			more += n
		}
		records = append(records, l)
	}
	return records, more
}

// runOn is how many lines after the first belong to its open quote.
func runOn(lines []line) int {
	open := strings.Count(lines[0].text, `"`)%2 == 1
	for n := 1; open && n < len(lines) && n <= maxJoin; n++ {
		if strings.Count(lines[n].text, `"`)%2 == 1 {
			return n
		}
	}
	return 0
}

// cut parts a record at comma, outside quotes, and trims each cell.
func cut(text string, comma rune) ([]string, error) {
	if !strings.Contains(text, `"`) {
		return trimmed(strings.Split(text, string(comma))), nil
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	all, err := r.Read()
	return trimmed(all), err
}

// commaOf is what separates the cells of a header: the sign that cuts it into most.
func commaOf(header string) rune {
	best := ','
	for _, c := range []rune{';', '\t'} {
		if strings.Count(header, string(c)) > strings.Count(header, string(best)) {
			best = c
		}
	}
	return best
}

// columns is where each column of a header stands, by its plain name.
type columns map[string]int

// columnsOf reads a header. Of two columns of the same name the first counts.
func columnsOf(header string, comma rune) columns {
	cells, _ := cut(header, comma) // a header that isn't CSV has no known column
	all := columns{}
	for i, name := range cells {
		if _, ok := all[plainName(name)]; !ok {
			all[plainName(name)] = i
		}
	}
	return all
}

// plainName is a column's name in lower case, its words parted by single spaces,
// and without signs: "Historic Glucose(mg/dL)" and "Historic Glucose mg/dL" are
// the same column.
func plainName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r != '/' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, " ")
}

// begins finds the column whose name begins so, and the rest of its name: its unit.
func (c columns) begins(prefix string) (rest string, ok bool) {
	for name := range c {
		if tail, found := strings.CutPrefix(name, prefix+" "); found || name == prefix {
			if rest == "" || tail < rest {
				rest = tail
			}
			ok = true
		}
	}
	return rest, ok
}

// row is one record of a table, read by its columns' names.
type row struct {
	columns columns
	cells   []string
}

// of is the cell in the column of that name; empty if there is none.
func (r row) of(name string) string {
	if i, ok := r.columns[name]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// record begins the draft of one record and cuts it into cells. A record that isn't
// one, or that holds text beyond the header's columns, is a defect.
func record(patient, file string, l line, header columns, comma rune) (draft, row) {
	d := draft{wire: history("note", patient), file: file, src: l}
	cells, err := cut(l.text, comma)
	wide := 0
	for _, i := range header {
		wide = max(wide, i+1)
	}
	switch {
	case err != nil:
		d.fault("not a line of separated values: %v", err)
	case len(cells) > wide && strings.Join(cells[wide:], "") != "":
		d.fault("text beyond the %d columns", wide)
	}
	return d, row{header, cells}
}
