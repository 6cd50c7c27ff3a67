package device

import (
	"os"
	"time"
)

// mapping says how the rows of a table become events, as its YAML file does;
// docs/import.md is its reference.
type mapping struct {
	file    string // of the mapping, to speak of it
	latin1  bool
	comma   rune // 0: what the header shows
	decimal rune // '.' or ','
	skip    int
	header  string   // yes, no or optional
	names   []string // of the columns, where there is no header
	patient *cell
	zone    *time.Location
	time    mappedTime
	ignore  *expression
	events  []mappedEvent
}

// mappedTime is where a row's time stands and how it is written.
type mappedTime struct {
	at      node
	columns []string
	layouts []string // Go layouts; or unix, unix-ms
	shapes  string   // as the mapping has them
	cel     *expression
	offset  bool // every layout has an offset
}

// mappedEvent is an event that a row may become.
type mappedEvent struct {
	kind   string
	given  string // the column that must not be empty
	at     node
	when   *expression
	fields []mappedField
}

// mappedField is a field of the event and what fills it.
type mappedField struct {
	name string
	keep bool // a further field of the source, not one of the wire's
	cell cell
}

// cell is what fills a field: a column, a constant, or an expression.
type cell struct {
	at       node
	column   string
	optional bool // the column may be missing from a file
	constant string
	cel      *expression
	words    map[string]string // replaces whole cells
	times    float64           // multiplies numbers; 1 if not given
}

// loadMapping reads a mapping file. Its errors say which file, line and key is
// wrong, and what is permitted there.
func loadMapping(path string) (*mapping, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseMapping(path, text)
}

func parseMapping(file string, text []byte) (*mapping, error) {
	root, err := parseYAML(file, text)
	if err != nil {
		return nil, err
	}
	m := &mapping{file: file, decimal: '.', header: "yes"}
	keys, err := root.keys("name", "encoding", "delimiter", "decimal", "skip", "header", "columns", "patient", "zone", "time", "ignore", "events")
	if err != nil {
		return nil, err
	}
	for _, read := range []func(map[string]node) error{m.readShape, m.readColumns} {
		if err := read(keys); err != nil {
			return nil, err
		}
	}
	env, err := m.environment()
	if err != nil {
		return nil, err
	}
	return m, m.readContent(root, keys, env)
}

// readShape reads what the file looks like.
func (m *mapping) readShape(keys map[string]node) error {
	if n, ok := keys["encoding"]; ok {
		word, err := n.oneOf("utf-8", "utf-16", "latin-1")
		if err != nil {
			return err
		}
		m.latin1 = word == "latin-1" // the others are told by their mark
	}
	if n, ok := keys["delimiter"]; ok {
		word, err := n.oneOf(",", ";", "|", "tab")
		if err != nil {
			return err
		}
		m.comma = map[string]rune{",": ',', ";": ';', "|": '|', "tab": '\t'}[word]
	}
	if n, ok := keys["decimal"]; ok {
		word, err := n.oneOf(".", ",")
		if err != nil {
			return err
		}
		m.decimal = rune(word[0])
	}
	if n, ok := keys["zone"]; ok {
		name, err := n.text()
		if err != nil {
			return err
		}
		if m.zone, err = time.LoadLocation(name); err != nil || name == "" {
			return n.fail("%q isn't a time zone; permitted are IANA names such as Europe/Berlin", name)
		}
	}
	return nil
}

// readColumns reads where the header is, or what stands in its place.
func (m *mapping) readColumns(keys map[string]node) (err error) {
	if n, ok := keys["skip"]; ok {
		if m.skip, err = n.count(); err != nil {
			return err
		}
	}
	if n, ok := keys["header"]; ok {
		if m.header, err = n.oneOf("yes", "no", "optional"); err != nil {
			return err
		}
	}
	n, named := keys["columns"]
	if named {
		if m.names, err = n.texts(); err != nil {
			return err
		}
	}
	switch {
	case m.header != "yes" && !named:
		return keys["header"].fail("%s needs the key columns: the names of the columns in their order", m.header)
	case m.header == "yes" && named:
		return n.fail("the columns have their names from the header; say header: no or header: optional if there is none")
	}
	return nil
}
