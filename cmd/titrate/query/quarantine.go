package query

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/titrate/titrate/cleanse/lake"
)

// Selection is which rows of quarantine are wanted, and how their payloads are
// repaired. Expressions are DuckDB's SQL over the table's columns and text (the
// payload, null if it isn't UTF-8), event (the same as JSON, null if it isn't),
// codes and fields (of the reasons).
type Selection struct {
	Topic string // messages of this topic only
	Where string // empty for all
	// Set are members of the event to set, each field=value, where value is JSON
	// or an expression; a null takes the member out.
	Set []string
	// Transform is an expression that makes the payload; Set applies to what it
	// makes. Empty for the payload as it is.
	Transform string
}

// Quarantined is a message of quarantine.
type Quarantined struct {
	TopicID   string
	Partition int32
	Offset    int64
	Key       []byte
	Payload   []byte
	Repaired  []byte // nil if there is nothing to repair: the payload is no JSON object
}

// Quarantine calls fn with the selected messages in the order of the log.
func (db *DB) Quarantine(ctx context.Context, s Selection, fn func(Quarantined) error) error {
	statement, err := db.selection(ctx, s)
	if err != nil || statement == "" {
		return err
	}
	rows, err := db.sql.QueryContext(ctx, statement)
	if err != nil {
		return fmt.Errorf("read quarantine: %w (columns: payload, text, event, codes, fields, reasons, key, topic, kafka_partition, kafka_offset, received, date)", err)
	}
	defer rows.Close()
	for rows.Next() {
		var q Quarantined
		var file string
		if err := rows.Scan(&file, &q.Partition, &q.Offset, &q.Key, &q.Payload, &q.Repaired); err != nil {
			return fmt.Errorf("read quarantine: %w", err)
		}
		stem := strings.TrimSuffix(filepath.Base(file), ".parquet")
		q.TopicID = stem[strings.LastIndexByte(stem, '.')+1:]
		if err := fn(q); err != nil {
			return err
		}
	}
	return rows.Err()
}

// selection is the query for the selected messages, empty if none was ever quarantined.
func (db *DB) selection(ctx context.Context, s Selection) (string, error) {
	files, err := db.files(ctx, lake.Quarantine)
	if err != nil || files == "" {
		return "", err
	}
	repaired, err := s.repaired()
	if err != nil {
		return "", err
	}
	where := s.Where
	if where == "" {
		where = "true"
	}
	return fmt.Sprintf(`WITH message AS (
		SELECT *, TRY(decode(payload)) AS text, TRY_CAST(TRY(decode(payload)) AS JSON) AS event,
			list_transform(reasons, lambda r: r.code) AS codes, list_transform(reasons, lambda r: r.field) AS fields
		FROM read_parquet(%s, filename = true, hive_partitioning = true, union_by_name = true))
		SELECT filename, kafka_partition, kafka_offset, key, payload, %s
		FROM message WHERE topic = %s AND (%s
		) ORDER BY received, kafka_partition, kafka_offset`, files, repaired, literal(s.Topic), where), nil
}

// repaired is the expression of the repaired payload.
func (s Selection) repaired() (string, error) {
	if len(s.Set) == 0 && s.Transform == "" {
		return "payload", nil
	}
	made := "event"
	if s.Transform != "" {
		made = "TRY_CAST(CAST((" + s.Transform + "\n) AS VARCHAR) AS JSON)"
	}
	base := made
	for _, assignment := range s.Set {
		field, value, ok := strings.Cut(assignment, "=")
		if field = strings.TrimSpace(field); !ok || field == "" || strings.TrimSpace(value) == "" {
			return "", fmt.Errorf("--set %q: want field=value, where value is JSON or SQL over event", assignment)
		}
		if json.Valid([]byte(value)) {
			value = literal(value) + "::JSON"
		}
		made = fmt.Sprintf("json_merge_patch(%s, json_object(%s, to_json((%s))))", made, literal(field), value)
	}
	return fmt.Sprintf("CASE WHEN json_type(%s) = 'OBJECT' THEN encode(CAST(%s AS VARCHAR)) END", base, made), nil
}
