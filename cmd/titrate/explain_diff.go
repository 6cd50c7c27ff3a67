package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
)

// writeDifferences prints the members of two JSON objects that differ, one a line.
// Nothing is printed if there is no second one.
func writeDifferences(out io.Writer, recorded, replayed json.RawMessage) error {
	if len(replayed) == 0 {
		return nil
	}
	was, err := leavesOf(recorded)
	if err != nil {
		return err
	}
	is, err := leavesOf(replayed)
	if err != nil {
		return err
	}
	every := maps.Clone(was)
	maps.Copy(every, is)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "differs\trecorded\treplayed")
	for _, path := range slices.Sorted(maps.Keys(every)) {
		if was[path] != is[path] {
			fmt.Fprintf(table, "%s\t%s\t%s\n", path, was[path], is[path])
		}
	}
	return table.Flush()
}

// leavesOf is the text of each leaf of a recommendation, by its path.
func leavesOf(recommendation json.RawMessage) (map[string]string, error) {
	var value any
	if err := json.Unmarshal(recommendation, &value); err != nil {
		return nil, fmt.Errorf("a recommendation is not JSON: %w", err)
	}
	leaves := map[string]string{}
	flatten("", value, leaves)
	return leaves, nil
}

// flatten notes each leaf of a JSON value by its path, as in gates.predicted_low.note:
// an object in a list is called by its id or its minutes, where it has one.
func flatten(path string, value any, leaves map[string]string) {
	below := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			flatten(below(name), member, leaves)
		}
	case []any:
		for i, element := range value {
			flatten(below(called(i, element)), element, leaves)
		}
	default:
		text, _ := json.Marshal(value)
		leaves[path] = string(text)
	}
}

func called(place int, element any) string {
	if object, ok := element.(map[string]any); ok {
		if id, ok := object["id"].(string); ok {
			return id
		}
		if minutes, ok := object["minutes"].(float64); ok {
			return fmt.Sprintf("%03.0f_min", minutes)
		}
	}
	return strconv.Itoa(place)
}
