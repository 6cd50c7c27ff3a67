package device

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/titrate/titrate/ingest"
)

// reserved are fields of the wire that a mapping fills otherwise or not at all: an
// id made by a mapping could hide that two rows say the same.
var reserved = []string{"type", "id", "patient", "time", "backfill", "defect"}

// wireFields are the fields of the wire event that a mapping may fill, by name: the
// index in ingest.Wire.
var wireFields = func() map[string]int {
	all := map[string]int{}
	wire := reflect.TypeFor[ingest.Wire]()
	for i := range wire.NumField() {
		name, _, _ := strings.Cut(wire.Field(i).Tag.Get("json"), ",")
		all[name] = i
	}
	for _, name := range reserved {
		delete(all, name)
	}
	return all
}()

// vocabulary is what the constants of a mapping may say, where the wire has words
// of its own.
var vocabulary = map[string][]string{
	"unit":      {"mg/dL", "mmol/L"},
	"source":    {"cgm", "fingerstick", "lab"},
	"kind":      {"rapid", "short", "intermediate", "long", "mixed"},
	"reason":    {"meal", "correction", "basal"},
	"meal":      {"breakfast", "lunch", "dinner", "snack", "rescue"},
	"size":      {"usual", "more", "less"},
	"intensity": {"light", "moderate", "vigorous"},
	"diabetes":  {"type1", "type2"},
	"regimen":   {"mdi", "pump", "basal"},
}

// set writes a cell's text into the field of the wire by its type. Text that isn't a
// number travels under the field's name, and is a defect.
func (d *draft) set(name, text string, times float64) {
	field := reflect.ValueOf(&d.wire).Elem().Field(wireFields[name])
	if field.Kind() == reflect.String {
		field.SetString(text)
		return
	}
	var v *float64
	d.number(name, text, &v)
	if v == nil {
		return
	}
	if times != 1 {
		*v = micro(*v * times)
	}
	switch field.Interface().(type) {
	case *float64:
		field.Set(reflect.ValueOf(v))
	case *int:
		whole := int(*v)
		if float64(whole) != *v {
			d.keep(name, text)
			d.fault("%s %q isn't a whole number", name, text)
			return
		}
		field.Set(reflect.ValueOf(&whole))
	case json.RawMessage:
		field.Set(reflect.ValueOf(rawNumber(*v)))
	}
}
