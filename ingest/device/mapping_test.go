package device

import (
	"os"
	"strings"
	"testing"
	"time"
)

const smallMapping = `patient: {constant: p}
zone: UTC
time: {column: t, formats: [rfc3339, "DD.MM.YYYY HH:mm"]}
events:
  - type: glucose
    fields:
      value: {column: v}
      unit: {constant: mg/dL}
      source: {constant: cgm}
`

// A mapping's error names the file, the line, the key, and what is permitted.
func TestAWrongMappingSaysWhereAndWhatIsPermitted(t *testing.T) {
	for _, c := range []struct {
		name, from, to string // one change of the small mapping
		want           []string
	}{
		{"not YAML", "zone: UTC", "zone: [", []string{"m.yaml"}},
		{"not an object", smallMapping, "- 1", []string{"m.yaml line 1", "isn't an object", "permitted keys", "events"}},
		{"empty", smallMapping, "", []string{"m.yaml is empty", "time and events"}},
		{"unknown key", "zone:", "zones:", []string{"line 2", `"zones"`, "permitted", "zone, time"}},
		{"key twice", "zone: UTC", "zone: UTC\nzone: UTC", []string{"line 3", "stands twice"}},
		{"zone", "UTC", "Mars", []string{"line 2: zone", `"Mars"`, "Europe/Berlin"}},
		{"no time", `time: {column: t, formats: [rfc3339, "DD.MM.YYYY HH:mm"]}`, "", []string{"the key time is missing"}},
		{"no formats", `, formats: [rfc3339, "DD.MM.YYYY HH:mm"]`, "", []string{"line 3: time", "formats is missing"}},
		{"bad format", "HH:mm", "HH:xx", []string{"line 3: time.formats", `"x" isn't known`, "YYYY"}},
		{"format without a year", "DD.MM.YYYY", "DD.MM.", []string{"time.formats", "names no year"}},
		{"time twice", "column: t,", "column: t, cel: 'row[\"t\"]',", []string{"line 3: time", "exactly one of"}},
		{"decimal", "zone: UTC", "decimal: ';'", []string{"decimal", "permitted: . ,"}},
		{"delimiter", "zone: UTC", "delimiter: x", []string{"delimiter", "permitted: , ; | tab"}},
		{"encoding", "zone: UTC", "encoding: ebcdic", []string{"permitted: utf-8 utf-16 latin-1"}},
		{"skip", "zone: UTC", "skip: -1", []string{"skip", "0 to 1000"}},
		{"header without columns", "zone: UTC", "header: 'no'", []string{"header", "columns"}},
		{"columns beside a header", "zone: UTC", "columns: [a]", []string{"columns", "header: no"}},
		{"type", "type: glucose", "type: sugar", []string{"line 5: events[0].type", "permitted: glucose meal insulin"}},
		{"no type", "- type: glucose\n    fields", "- fields", []string{"events[0]", "type is missing"}},
		{"field", "value:", "valu:", []string{"line 7: events[0].fields.valu", "carbs_g", "under keep"}},
		{"reserved field", "value:", "id:", []string{"events[0].fields.id", "isn't a field"}},
		{"kept field of the wire", "    fields:\n", "    keep: {trend: {column: v}}\n    fields:\n", []string{"events[0].keep.trend", "other names"}},
		{"two sources of a cell", "{column: v}", "{column: v, constant: 1}", []string{"events[0].fields.value", "exactly one of column, constant and cel"}},
		{"unknown word", "mg/dL", "mg", []string{"line 8", "permitted: mg/dL, mmol/L"}},
		{"times", "{column: v}", "{column: v, times: twice}", []string{"value.times", "decimal number"}},
		{"CEL syntax", "{column: v}", "{cel: 'row['}", []string{"line 7: events[0].fields.value.cel", "isn't a CEL expression"}},
		{"CEL name", "{column: v}", "{cel: 'column'}", []string{"value.cel", "undeclared reference"}},
		{"CEL type", "{column: v}", "{cel: 'true'}", []string{"value.cel", "yields bool", "permitted: string, double, int"}},
		{"condition's type", "zone: UTC", "ignore: '1'", []string{"ignore", "permitted: bool"}},
		{"no events", "events:", "ignore: 'true'\nevents: []\nx:", []string{"permitted"}},
	} {
		_, err := parseMapping("m.yaml", []byte(strings.Replace(smallMapping, c.from, c.to, 1)))
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", c.name, err, part)
			}
		}
	}
	if _, err := parseMapping("m.yaml", []byte(smallMapping)); err != nil {
		t.Errorf("the unchanged mapping: %v", err)
	}
}

// mapped reads a table by the small mapping with one change.
func mapped(t *testing.T, from, to, table string, opts Options) ([]Row, Summary, error) {
	t.Helper()
	dir := written(t, "m.yaml", strings.Replace(smallMapping, from, to, 1))
	opts.Mapping = dir + "/m.yaml"
	if err := os.WriteFile(dir+"/t.csv", []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	var rows []Row
	summary, err := Read("csv", []string{dir + "/t.csv"}, opts, func(r Row) error {
		rows = append(rows, r)
		return nil
	})
	return rows, summary, err
}

func TestAMappingThatDoesNotFitTheFileSaysSo(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		opts           Options
		want           []string
	}{
		{"column", "column: v", "column: w", Options{}, []string{"events[0].fields.value", "t.csv has no column \"w\"", `["t" "v"]`}},
		{"time's column", "column: t", "column: u", Options{}, []string{"line 3: time", `no column "u"`}},
		{"given", "    fields:", "    given: g\n    fields:", Options{}, []string{"events[0]", `no column "g"`}},
		{"zone", "zone: UTC\n", "", Options{}, []string{"time", "no offset from UTC", "--zone"}},
		{"patient", "patient: {constant: p}\n", "", Options{}, []string{"--patient"}},
	} {
		_, _, err := mapped(t, c.from, c.to, "t,v\n2024-05-02T10:00:00Z,100\n", c.opts)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", c.name, err, part)
			}
		}
	}
	rows, _, err := mapped(t, "zone: UTC\n", "", "t,v\n02.05.2024 10:00,100\n", Options{Zone: zone(t, "Europe/Berlin")})
	if err != nil || rows[0].Wire.Time != "2024-05-02T10:00:00+02:00" {
		t.Errorf("the zone of the options: %+v, %v", rows, err)
	}
}

func TestAMappedRow(t *testing.T) {
	for _, c := range []struct{ name, from, to, row, want string }{
		{"plain", "", "", "2024-05-02T10:00:00Z,100", `"value":100`},
		{"low", "", "", "2024-05-02T10:00:00Z,Low", `"value":"LOW"`},
		{"code", "", "", "2024-05-02T10:00:00Z,5", "not calibrated"},
		{"factor", "{column: v}", "{column: v, times: 100}", "2024-05-02T10:00:00Z,1.05", `"value":105`},
		{"unix", "rfc3339", "unix", "1714644900,100", `"time":"2024-05-02T10:15:00Z"`},
		{"unix-ms", "rfc3339", "unix-ms", "1714644900123,100", `"time":"2024-05-02T10:15:00.123Z"`},
		{"offset in the pattern", "DD.MM.YYYY HH:mm", "DD.MM.YYYY HH:mm Z", "02.05.2024 10:00 +02:00,100", `"time":"2024-05-02T10:00:00+02:00"`},
		{"expression", "{column: v}", `{cel: 'number(row["v"]) * 2.0'}`, "2024-05-02T10:00:00Z,60", `"value":120`},
		{"expression that fails", "{column: v}", `{cel: 'number(row["v"])'}`, "2024-05-02T10:00:00Z,x", "not a number"},
		{"expression of the time", "column: t", `cel: 'row["t"].replace("/", ".")'`, "02/05/2024 10:00,100", `"time":"2024-05-02T10:00:00Z"`},
		{"endless expression", "{column: v}", `{cel: '[1,2,3,4,5,6,7,8,9].map(a, [1,2,3,4,5,6,7,8,9].map(b, [1,2,3,4,5,6,7,8,9].map(c, [1,2,3,4,5,6,7,8,9].map(d, [1,2,3,4,5,6,7,8,9].map(e, a+b+c+d+e))))).size()'}`, "2024-05-02T10:00:00Z,1", "cost"},
		{"not taken", "    fields:", "    when: 'row[\"v\"] == \"1\"'\n    fields:", "2024-05-02T10:00:00Z,2", "no event of the mapping takes this row"},
		{"condition that fails", "    fields:", "    when: 'number(row[\"v\"]) > 1.0'\n    fields:", "2024-05-02T10:00:00Z,x", "events[0].when"},
	} {
		rows, summary, err := mapped(t, c.from, c.to, "t,v\n"+c.row+"\n", Options{})
		if err != nil || len(rows) != 1 {
			t.Errorf("%s: %d rows, %v", c.name, len(rows), err)
			continue
		}
		conserved(t, rows, summary)
		whole(t, rows[0])
		if !strings.Contains(string(rows[0].JSON), c.want) {
			t.Errorf("%s: %s lacks %s", c.name, rows[0].JSON, c.want)
		}
	}
}

func TestLatin1IsReadWhereItIsSaid(t *testing.T) {
	rows, _, err := mapped(t, "zone: UTC", "zone: UTC\nencoding: latin-1", "t,v\n2024-05-02T10:00:00Z,100,K\xe4se\n", Options{})
	if err != nil || !strings.Contains(rows[0].Wire.Defect, "Käse") {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestDateFormats(t *testing.T) {
	for shape, text := range map[string]string{
		"YYYY-MM-DD HH:mm:ss": "2024-05-02 09:08:07", "M/D/YY h:mm A": "5/2/24 9:08 AM", "DD MMM YYYY, HH:mm": "02 May 2024, 09:08",
		"YYYY-MM-DDTHH:mm:ss.SSSZ": "2024-05-02T09:08:07.120+00:00", "YYYY/M/D H:m:s": "2024/5/2 9:8:7",
	} {
		layout, _, err := layoutOf(shape)
		if err != nil {
			t.Errorf("%s: %v", shape, err)
			continue
		}
		at, err := time.Parse(layout, text)
		if err != nil || at.Format("2006-01-02 15:04") != "2024-05-02 09:08" {
			t.Errorf("%s as %s: %v, %v", shape, layout, at, err)
		}
	}
}
