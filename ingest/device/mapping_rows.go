package device

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mappedTable is a file as the mapping sees it.
type mappedTable struct {
	columns columns // by their names as they stand there
	comma   rune
	data    []line
}

// load reads a file and finds its columns.
func (m *mapping) load(s source, out *output) (t mappedTable, err error) {
	headers := m.skip
	if m.header == "yes" {
		headers++
	}
	head, data, err := out.records(s, headers)
	if err != nil {
		return t, err
	}
	if m.latin1 {
		for i := range head {
			head[i].text = fromLatin1(head[i].text)
		}
		for i := range data {
			data[i].text = fromLatin1(data[i].text)
		}
	}
	if m.header == "optional" && len(data) > 0 && m.isHeader(data[0].text) {
		head, data = append(head, data[0]), data[1:]
		out.summary.Headers++
		out.summary.Lines--
	}
	t.data = data
	names := m.names
	if len(head) > m.skip {
		t.comma = m.commaOf(head[m.skip].text)
		names, err = cut(head[m.skip].text, t.comma)
		if err != nil {
			return t, fmt.Errorf("%s: its header %q: %w", s.name, clip(head[m.skip].text), err)
		}
	} else if len(data) > 0 {
		t.comma = m.commaOf(data[0].text)
	}
	t.columns = columns{}
	for i, name := range names {
		if _, twice := t.columns[name]; !twice {
			t.columns[name] = i
		}
	}
	return t, m.fits(s, t.columns, names)
}

func (m *mapping) commaOf(text string) rune {
	if m.comma != 0 {
		return m.comma
	}
	return commaOf(text)
}

// isHeader reports whether a line names the columns of the time, which a row of
// readings can't.
func (m *mapping) isHeader(text string) bool {
	cells, err := cut(text, m.commaOf(text))
	for _, name := range m.time.columns {
		if err != nil || !slices.Contains(cells, name) {
			return false
		}
	}
	return len(m.time.columns) > 0
}

// fits checks that the columns that the mapping names are there.
func (m *mapping) fits(s source, have columns, names []string) error {
	check := func(at node, name string) error {
		if _, ok := have[name]; name == "" || ok {
			return nil
		}
		return at.fail("%s has no column %q; it has %q", s.name, name, names)
	}
	for _, name := range m.time.columns {
		if err := check(m.time.at, name); err != nil {
			return err
		}
	}
	var cells []cell
	if m.patient != nil {
		cells = append(cells, *m.patient)
	}
	for _, e := range m.events {
		if err := check(e.at, e.given); err != nil {
			return err
		}
		for _, f := range e.fields {
			cells = append(cells, f.cell)
		}
	}
	for _, c := range cells {
		if c.optional {
			continue
		}
		if err := check(c.at, c.column); err != nil {
			return err
		}
	}
	return nil
}

// become is the events of one row. A row that none of the mapping's events takes is
// a defect.
func (m *mapping) become(base draft, in mappedRow) (all []draft) {
	for i, e := range m.events {
		yes, err := e.when.holds(in)
		if err == nil && (!yes || e.given != "" && in.cells[e.given] == "") {
			continue
		}
		d := base
		d.extra = slices.Clone(base.extra)
		d.part = len(all)
		d.wire.Type = e.kind
		if err != nil {
			d.fault("events[%d].when: %v", i, err)
		}
		m.fill(&d, e, in)
		all = append(all, d)
	}
	if len(all) == 0 {
		base.fault("no event of the mapping takes this row")
		return []draft{base}
	}
	return all
}

// fill writes the fields of one event.
func (m *mapping) fill(d *draft, e mappedEvent, in mappedRow) {
	for _, f := range e.fields {
		text, err := m.text(f.cell, in)
		switch {
		case err != nil:
			d.fault("%s: %v", f.name, err)
		case text == "":
		case f.keep:
			d.keep(f.name, text)
		case f.name == "value" && e.kind == "glucose" && beyond[strings.ToLower(text)] != "":
			d.keep("value", beyond[strings.ToLower(text)])
		default:
			d.set(f.name, text, f.cell.times)
		}
	}
	if e.kind == "glucose" {
		d.coded(sensorCodes)
	}
}

// text is what fills a field of one row, with numbers written with a point.
func (m *mapping) text(c cell, in mappedRow) (string, error) {
	text := c.constant
	switch {
	case c.column != "":
		text = in.cells[c.column]
	case c.cel != nil:
		v, err := c.cel.eval(in)
		if err != nil {
			return "", err
		}
		switch v := v.(type) {
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64), nil
		case int64:
			return strconv.FormatInt(v, 10), nil
		case string:
			text = v
		}
	}
	if word, ok := c.words[text]; ok {
		return word, nil
	}
	if v, ok := m.parse(text); ok && m.decimal == ',' {
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return text, nil
}

// parse reads a number with the mapping's decimal sign.
func (m *mapping) parse(text string) (float64, bool) {
	if m.decimal == ',' {
		if strings.Contains(text, ".") {
			return 0, false
		}
		text = strings.Replace(text, ",", ".", 1)
	}
	return decimal(text)
}

// fromLatin1 reads text of one byte a character, unless it is UTF-8 after all.
func fromLatin1(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	var b bytes.Buffer
	for i := range len(text) {
		b.WriteRune(rune(text[i]))
	}
	return b.String()
}
