package query

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/titrate/titrate/cleanse/lake"
)

// everything ends the name of the view that also shows what was replaced.
const everything = "_all"

// views makes a view of each table: the table of events without the rows that a
// later event of the same person replaces (an edit or a retraction), and
// <table>_all with all rows.
//
// What replaces is gathered once, here: it is little, and most lakes have none.
func (db *DB) views(ctx context.Context) error {
	var editable []string
	for _, table := range db.tables {
		rows, err := db.rows(ctx, table)
		if err != nil {
			return err
		}
		if err := db.execute(ctx, fmt.Sprintf(`CREATE OR REPLACE VIEW %s AS %s`, identifier(table+everything), rows)); err != nil {
			return err
		}
		ok, err := db.editable(ctx, table)
		if err != nil {
			return err
		}
		if ok {
			editable = append(editable, table)
		}
	}
	if err := db.gather(ctx, editable); err != nil {
		return err
	}
	for _, table := range db.tables {
		if err := db.execute(ctx, db.view(table)); err != nil {
			return err
		}
	}
	return nil
}

// editable reports whether any file of a table has the column replaces: those
// before version 2 of the schema haven't.
func (db *DB) editable(ctx context.Context, table string) (found bool, err error) {
	err = db.sql.QueryRowContext(ctx,
		`SELECT count(*) > 0 FROM duckdb_columns() WHERE table_name = ? AND column_name = 'replaces'`, table+everything).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("open lake: %w", err)
	}
	return found, nil
}

// gather keeps who replaces what, and where in the log.
func (db *DB) gather(ctx context.Context, tables []string) error {
	parts := []string{"SELECT '' AS patient, '' AS id, now() AS received, 0::INTEGER AS kafka_partition, 0::BIGINT AS kafka_offset WHERE false"}
	for _, table := range tables {
		parts = append(parts, fmt.Sprintf(
			"SELECT patient, replaces, received, kafka_partition, kafka_offset FROM %s WHERE replaces IS NOT NULL", identifier(table+everything)))
	}
	err := db.execute(ctx, "CREATE OR REPLACE TABLE _replacements AS "+strings.Join(parts, " UNION ALL "))
	if err != nil {
		return err
	}
	err = db.sql.QueryRowContext(ctx, "SELECT count(*) > 0 FROM _replacements").Scan(&db.edited)
	if err != nil {
		return fmt.Errorf("open lake: %w", err)
	}
	return nil
}

// view defines the view that has the table's own name. An event is replaced by one
// that is behind it in its partition, or came later (a topic that was made anew
// begins at offset 0 again).
func (db *DB) view(table string) string {
	plain := fmt.Sprintf("CREATE OR REPLACE VIEW %s AS SELECT * FROM %s AS t", identifier(table), identifier(table+everything))
	if !db.edited || !slices.Contains(lake.EventTables(), table) {
		return plain
	}
	return plain + ` WHERE t.id IS NULL OR NOT EXISTS (FROM _replacements AS r WHERE r.patient = t.patient AND r.id = t.id
		AND (r.received > t.received OR r.kafka_partition = t.kafka_partition AND r.kafka_offset > t.kafka_offset))`
}
