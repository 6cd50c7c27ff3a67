package query

import (
	"bufio"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

type writer func(out io.Writer, columns []*sql.ColumnType, rows *sql.Rows) error

var formats = map[string]writer{
	"table": writeTable,
	"csv":   writeCSV,
	"json":  writeJSON,
	"arrow": writeArrow,
}

// Formats names what Run can write, the one for people first.
func Formats() []string { return []string{"table", "csv", "json", "arrow"} }

// each scans every row into the same slice.
func each(columns []*sql.ColumnType, rows *sql.Rows, fn func(values []any) error) error {
	values := make([]any, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if err := fn(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// eachText is each, with a DATE as the day it is rather than its midnight.
func eachText(columns []*sql.ColumnType, rows *sql.Rows, fn func(values []any) error) error {
	return each(columns, rows, func(values []any) error {
		for i, v := range values {
			if day, ok := v.(time.Time); ok && columns[i].DatabaseTypeName() == "DATE" {
				values[i] = day.Format(time.DateOnly)
			}
		}
		return fn(values)
	})
}

func writeTable(out io.Writer, columns []*sql.ColumnType, rows *sql.Rows) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	names := make([]string, len(columns))
	rules := make([]string, len(columns))
	for i, c := range columns {
		names[i], rules[i] = c.Name(), strings.Repeat("─", len(c.Name()))
	}
	fmt.Fprintln(w, strings.Join(names, "\t"))
	fmt.Fprintln(w, strings.Join(rules, "\t"))
	count := 0
	cells := make([]string, len(columns))
	err := eachText(columns, rows, func(values []any) error {
		count++
		for i, v := range values {
			cells[i] = strings.ReplaceAll(text(v, "·"), "\t", " ")
		}
		_, err := fmt.Fprintln(w, strings.Join(cells, "\t"))
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "(%d rows)\n", count)
	return w.Flush()
}

func writeCSV(out io.Writer, columns []*sql.ColumnType, rows *sql.Rows) error {
	w := csv.NewWriter(out)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.Name()
	}
	if err := w.Write(cells); err != nil {
		return err
	}
	err := eachText(columns, rows, func(values []any) error {
		for i, v := range values {
			cells[i] = text(v, "")
		}
		return w.Write(cells)
	})
	w.Flush()
	if err != nil {
		return err
	}
	return w.Error()
}

// writeJSON prints an array with one object a line, keys in the query's order.
func writeJSON(out io.Writer, columns []*sql.ColumnType, rows *sql.Rows) error {
	w := bufio.NewWriter(out)
	separator := "[\n"
	err := eachText(columns, rows, func(values []any) error {
		w.WriteString(separator)
		separator = ",\n"
		for i, v := range values {
			open := byte(',')
			if i == 0 {
				open = '{'
			}
			w.WriteByte(open)
			name, _ := json.Marshal(columns[i].Name())
			w.Write(name)
			w.WriteByte(':')
			cell, err := json.Marshal(jsonValue(v))
			if err != nil {
				return fmt.Errorf("column %s: %w", columns[i].Name(), err)
			}
			w.Write(cell)
		}
		return w.WriteByte('}')
	})
	if err != nil {
		return err
	}
	if separator == "[\n" {
		w.WriteString("[")
	}
	w.WriteString("\n]\n")
	return w.Flush()
}

// jsonValue keeps numbers as numbers and bytes as text.
func jsonValue(v any) any {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case interface{ Float64() float64 }: // DECIMAL
		return v.Float64()
	}
	return v
}

// text is a cell for people and CSV: times are RFC 3339, absent is null.
func text(v any, null string) string {
	switch v := v.(type) {
	case nil:
		return null
	case string:
		return v
	case []byte:
		return string(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case fmt.Stringer:
		return v.String()
	case []any, map[string]any:
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
	return fmt.Sprint(v)
}
