package lake

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

var update = flag.Bool("update", false, "rewrite the schema in docs/lake.md")

const (
	document = "../../docs/lake.md"
	begin    = "<!-- The tables below are written by go test ./cleanse/lake -update. -->\n"
	end      = "<!-- end of the tables -->\n"
)

// TestContract has the page on the schema say what the code writes. A change of
// this test's golden text is a change of what analysts rely on.
func TestContract(t *testing.T) {
	page, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(page), begin)
	had, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has lost its marks %q and %q", document, begin, end)
	}
	want := describe()
	if had == want {
		return
	}
	if !*update {
		t.Fatalf("%s doesn't describe the tables as they are; run go test ./cleanse/lake -update and read the diff", document)
	}
	if err := os.WriteFile(document, []byte(head+begin+want+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

func describe() string {
	var b bytes.Buffer
	for _, c := range contracts() {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n| column | type | null | meaning |\n|---|---|---|---|\n", c.table, c.doc)
		docs := map[string]string{}
		collectDocs(reflect.TypeOf(c.row), docs)
		for _, f := range parquet.SchemaOf(c.row).Fields() {
			null := ""
			if f.Optional() {
				null = "yes"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.Name(), typeName(f), null, docs[f.Name()])
		}
	}
	b.WriteString("\n")
	return b.String()
}

func collectDocs(t reflect.Type, docs map[string]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			collectDocs(f.Type, docs)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		docs[name] = f.Tag.Get("doc")
	}
}

func typeName(f parquet.Field) string {
	if !f.Leaf() {
		return "list of (field, code, note), each a string"
	}
	logical := ""
	if l := f.Type().LogicalType(); l != nil {
		logical = l.String()
	}
	switch name := f.Type().Kind().String() + " " + logical; name {
	case "BYTE_ARRAY STRING":
		return "string"
	case "BYTE_ARRAY ":
		return "bytes"
	case "INT64 TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)":
		return "timestamp (µs, UTC)"
	case "INT32 INT(32,true)":
		return "int32"
	case "INT64 INT(64,true)":
		return "int64"
	default:
		return strings.ToLower(strings.TrimSpace(name))
	}
}

func TestEveryColumnIsExplained(t *testing.T) {
	for _, c := range contracts() {
		docs := map[string]string{}
		collectDocs(reflect.TypeOf(c.row), docs)
		for _, f := range parquet.SchemaOf(c.row).Fields() {
			if docs[f.Name()] == "" {
				t.Errorf("%s.%s has no doc tag", c.table, f.Name())
			}
		}
	}
}

// TestColumnsMeanTheSameEverywhere: engines that read several tables or files
// together need one type for a name.
func TestColumnsMeanTheSameEverywhere(t *testing.T) {
	types := map[string]string{}
	for _, c := range contracts() {
		for _, f := range parquet.SchemaOf(c.row).Fields() {
			if f.Name() == "payload" {
				continue // a message may hold any bytes, a recommendation is JSON
			}
			had, known := types[f.Name()]
			if known && had != typeName(f) {
				t.Errorf("%s.%s is %s, elsewhere %s", c.table, f.Name(), typeName(f), had)
			}
			types[f.Name()] = typeName(f)
			if strings.HasPrefix(typeName(f), "timestamp") && typeName(f) != "timestamp (µs, UTC)" {
				t.Errorf("%s.%s is %s: Spark and Athena read microseconds UTC only", c.table, f.Name(), typeName(f))
			}
		}
	}
}
