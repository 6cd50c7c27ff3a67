// Package query answers SQL over the lake: each table of the lake is a view in
// an in-memory DuckDB, without what was edited or deleted since, and nothing
// outside the lake can be read or written.
package query

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"
	"github.com/titrate/titrate/cleanse/lake"
)

// DB is a lake seen as a database.
type DB struct {
	sql    *sql.DB
	lake   string
	tables []string // those that a lake may have, and those that this one has besides
	edited bool     // something in the lake replaces something
}

// Open makes a view of each of the lake's tables. dir is the lake's directory.
func Open(ctx context.Context, dir string) (*DB, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open lake: %w", err)
	}
	tables, err := tablesIn(dir)
	if err != nil {
		return nil, err
	}
	conn, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("open duckdb: %w", err)
	}
	// One connection: settings below belong to it.
	conn.SetMaxOpenConns(1)
	db := &DB{sql: conn, lake: dir, tables: tables}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return db, nil
}

// Close frees the database. The lake is untouched.
func (db *DB) Close() error { return db.sql.Close() }

// tablesIn lists the tables of a lake that has at least one file. Names that begin with
// an underscore (the ledger, unfinished files) are not tables.
func tablesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("open lake: %w: give the --lake that `titrate ingest` writes", err)
	}
	var tables []string
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), "_") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, e.Name(), "date=*", "*.parquet"))
		if err != nil {
			return nil, fmt.Errorf("open lake: %w", err)
		}
		if len(files) > 0 {
			tables = append(tables, e.Name())
		}
	}
	if len(tables) == 0 {
		return nil, fmt.Errorf("open lake: %s holds no table yet: run `titrate ingest --lake %s` first", dir, dir)
	}
	tables = append(tables, lake.TableNames()...)
	slices.Sort(tables)
	return slices.Compact(tables), nil
}

func (db *DB) prepare(ctx context.Context) error {
	if err := db.execute(ctx, "SET TimeZone = 'UTC'"); err != nil {
		return err
	}
	if err := db.views(ctx); err != nil {
		return err
	}
	// From here on only files of the lake can be read, and that can't be undone.
	return db.execute(ctx,
		fmt.Sprintf("SET allowed_directories = [%s]", literal(db.lake+string(filepath.Separator))),
		"SET enable_external_access = false",
		"SET lock_configuration = true")
}

func (db *DB) execute(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := db.sql.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("open lake: %w", err)
		}
	}
	return nil
}

// Run answers one query in a format: table, csv, json or arrow (an IPC stream).
func (db *DB) Run(ctx context.Context, statement, format string, out io.Writer) error {
	write, ok := formats[format]
	if !ok {
		return fmt.Errorf("format %q: it is one of %s", format, strings.Join(Formats(), ", "))
	}
	rows, err := db.sql.QueryContext(ctx, statement)
	if err != nil && moved(err) {
		if err := db.views(ctx); err != nil {
			return err
		}
		rows, err = db.sql.QueryContext(ctx, statement)
	}
	if err != nil {
		return fmt.Errorf("%w (tables: %s)", err, strings.Join(db.tables, ", "))
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return fmt.Errorf("read columns: %w", err)
	}
	if err := write(out, columns, rows); err != nil {
		return fmt.Errorf("write %s: %w", format, err)
	}
	return rows.Err()
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
