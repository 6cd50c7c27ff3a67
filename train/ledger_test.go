package train

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
)

func claims(t *testing.T, schema int) lake.Bucket {
	t.Helper()
	_, bucket := directory(t)
	for _, c := range []struct{ partition, start, next int }{{0, 0, 10}, {0, 10, 25}, {1, 3, 9}} {
		text := fmt.Sprintf(`{"topic":"events","topic_id":"abc","partition":%d,"start":%d,"next":%d,"schema":%d}`, c.partition, c.start, c.next, schema)
		name := fmt.Sprintf("_ledger/abc/%d/%020d.json", c.partition, c.start)
		if err := bucket.Put(context.Background(), name, lake.Bytes([]byte(text))); err != nil {
			t.Fatal(err)
		}
	}
	return bucket
}

func TestLineageNamesWhatTheLedgerHolds(t *testing.T) {
	got, err := LedgerOf(context.Background(), claims(t, lake.SchemaVersion))
	want := []LedgerRange{{"abc", 0, 0, 25}, {"abc", 1, 3, 9}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestALakeOfANewerProgramIsRefused(t *testing.T) {
	_, err := LedgerOf(context.Background(), claims(t, lake.SchemaVersion+1))
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("schema %d", lake.SchemaVersion+1)) {
		t.Errorf("error %v", err)
	}
}
