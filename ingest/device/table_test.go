package device

import (
	"encoding/binary"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestUTF16IsReadByItsMark(t *testing.T) {
	const text = "Käse 🧀\r\nläuft"
	for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		var b []byte
		for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
			b = order.AppendUint16(b, unit)
		}
		for _, tail := range []string{"", "x"} { // half a unit at the end
			got, err := io.ReadAll(plain(strings.NewReader(string(b) + tail)))
			if err != nil || string(got) != text {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
	for in, want := range map[string]string{"\ufeffa": "a", "a\ufeff": "a\ufeff", "": "", "a": "a", "\xff\xfe\x00\xd8": "\ufffd", "\xff\xfe\x00\xd8a\x00": "\ufffda"} {
		if got, err := io.ReadAll(plain(strings.NewReader(in))); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestAQuotedCellRunsOverLines(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		want        []string
	}{
		{"none", "a|b", []string{"a", "b"}},
		{"two", `a,"b|c",d|e`, []string{"a,\"b\nc\",d", "e"}},
		{"three", `"b|c|d"|e`, []string{"\"b\nc\nd\"", "e"}},
		{"never closed", `a,"b|c|d`, []string{`a,"b`, "c", "d"}},
		{"closed too late", `"` + strings.Repeat("x|", 30) + `"`, append([]string{`"x`}, append(strings.Split(strings.TrimSuffix(strings.Repeat("x|", 29), "|"), "|"), `"`)...)},
	} {
		var lines []line
		for i, text := range strings.Split(c.lines, "|") {
			lines = append(lines, line{text, i + 1})
		}
		records, more := joined(lines)
		var got []string
		for _, r := range records {
			got = append(got, r.text)
		}
		if !reflect.DeepEqual(got, c.want) || len(records)+more != len(lines) {
			t.Errorf("%s: %q and %d more", c.name, got, more)
		}
	}
}

func TestADecimalCommaIsOneBeforeTwoDigits(t *testing.T) {
	for text, want := range map[string]float64{"5,4": 5.4, "5,45": 5.45, "12": 12, "5.4": 5.4, ",5": 0.5} {
		var d draft
		var v *float64
		if d.amount("x", text, &v); v == nil || *v != want || d.wire.Defect != "" {
			t.Errorf("%q: %v %q", text, v, d.wire.Defect)
		}
	}
	for _, text := range []string{"1,250", "1.234,5", "1,2,3", "5,", "5,x", ","} {
		var d draft
		var v *float64
		if d.amount("x", text, &v); v != nil || d.wire.Defect == "" {
			t.Errorf("%q was read as %v", text, *v)
		}
	}
}

func TestReadingsAreNumbersLimitsOrCodes(t *testing.T) {
	for _, c := range []struct{ text, unit, source, want string }{
		{"120", "mg/dL", "cgm", "120"}, {"39", "mg/dL", "cgm", "39"}, {"38", "mg/dL", "cgm", "defect"}, {"5", "mg/dL", "cgm", "defect"},
		{"2.2", "mmol/L", "cgm", "2.2"}, {"2.1", "mmol/L", "cgm", "defect"}, {"12", "mg/dL", "fingerstick", "12"},
		{"LO", "mg/dL", "cgm", "LOW"}, {"High", "mmol/L", "cgm", "HIGH"}, {"HI", "mg/dL", "fingerstick", "defect"}, {"?", "mg/dL", "cgm", "defect"}, {"", "mg/dL", "cgm", ""},
	} {
		var d draft
		d.reading(c.text, c.unit, c.source)
		got := ""
		switch {
		case d.wire.Defect != "":
			got = "defect"
		case d.wire.Value != nil:
			got = string(rawNumber(*d.wire.Value))
		case len(d.extra) > 0:
			got = d.extra[0].value.(string)
		}
		if got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestColumnsAreKnownByTheirPlainNames(t *testing.T) {
	c := columnsOf(`Historic Glucose(mg/dL);"Scan; Glucose";Historic Glucose(mg/dL)`, ';')
	if want := (columns{"historic glucose mg/dl": 0, "scan glucose": 1}); !reflect.DeepEqual(c, want) {
		t.Errorf("%v, want %v", c, want)
	}
	if unit, ok := c.begins("historic glucose"); unit != "mg/dl" || !ok {
		t.Errorf("unit %q, %v", unit, ok)
	}
	if _, ok := c.begins("strip glucose"); ok {
		t.Error("a column that isn't there")
	}
}
