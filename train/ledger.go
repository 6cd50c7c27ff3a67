package train

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/titrate/titrate/cleanse/lake"
)

// LedgerOf is what of the log a lake holds: per topic and partition the offsets that
// were claimed. A lake that a newer program wrote is refused: its columns may say what
// this one can't read.
func LedgerOf(ctx context.Context, bucket lake.Bucket) ([]LedgerRange, error) {
	first, last := map[string]string{}, map[string]string{}
	err := bucket.List(ctx, "_ledger/", "", func(o lake.Object) error {
		if dir := path.Dir(o.Name); strings.HasSuffix(o.Name, ".json") { // in the order of offsets
			if first[dir] == "" {
				first[dir] = o.Name
			}
			last[dir] = o.Name
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	var ranges []LedgerRange
	for dir := range first {
		from, err := claimAt(ctx, bucket, first[dir])
		if err != nil {
			return nil, err
		}
		to, err := claimAt(ctx, bucket, last[dir])
		if err != nil {
			return nil, err
		}
		if schema := max(from.Schema, to.Schema); schema > lake.SchemaVersion {
			return nil, fmt.Errorf("the lake has schema %d, this program knows %d and older: train with the version of titrate that ingests", schema, lake.SchemaVersion)
		}
		ranges = append(ranges, LedgerRange{from.TopicID, from.Partition, from.Start, to.Next})
	}
	slices.SortFunc(ranges, func(a, b LedgerRange) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	return ranges, nil
}

func claimAt(ctx context.Context, bucket lake.Bucket, name string) (*lake.Claim, error) {
	data, err := read(ctx, bucket, name)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	c := new(lake.Claim)
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("read the ledger: %s: %w", name, err)
	}
	return c, nil
}
