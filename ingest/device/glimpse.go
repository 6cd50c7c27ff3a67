package device

import (
	"encoding/json"
	"strings"
)

// glimpse is the scalar fields of the first object in a file's beginning, which may
// be cut short in the middle of it, and the names of the others with "…".
func glimpse(head []line) map[string]string {
	var text strings.Builder
	for _, l := range head {
		text.WriteString(l.text + "\n")
	}
	start := strings.TrimLeft(text.String(), " \t\r\n[")
	if !strings.HasPrefix(start, "{") {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(start))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return nil
	}
	seen := map[string]string{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			break
		}
		key, _ := name.(string)
		seen[key] = "…"
		var value any
		if d.Decode(&value) != nil {
			break
		}
		switch v := value.(type) {
		case string:
			seen[key] = v
		case json.Number:
			seen[key] = v.String()
		}
	}
	return seen
}
