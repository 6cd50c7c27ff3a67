package query

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
)

// files are the files of a table as a list in SQL: not what a glob finds, but
// those that hold each row once, also while a compaction swaps them.
func (db *DB) files(ctx context.Context, table string) (string, error) {
	bucket, err := lake.Dir(db.lake)
	if err != nil {
		return "", err
	}
	objects, err := lake.Live(ctx, bucket, table, time.Time{}, time.Time{})
	if err != nil {
		return "", fmt.Errorf("open lake: %w", err)
	}
	names := make([]string, len(objects))
	for i, o := range objects {
		names[i] = literal(filepath.Join(db.lake, filepath.FromSlash(o.Name)))
	}
	return "[" + strings.Join(names, ", ") + "]", nil
}

// moved says whether a query failed because a file is gone that was there when
// the views were made: it was compacted since, and new views know where its rows are.
func moved(err error) bool {
	text := err.Error()
	return strings.Contains(text, "No files found") || strings.Contains(text, "No such file") || strings.Contains(text, "Cannot open file")
}
