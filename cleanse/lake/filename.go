package lake

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/titrate/titrate/ingest"
)

// fileName is where the rows of one table and day go. It holds the topic's id,
// so that a topic made anew, whose offsets begin at 0 again, gets other names.
func (r reach) fileName(table string, d day) string {
	topic := r.partition.Topic
	if strings.HasPrefix(topic, "_") || strings.HasPrefix(topic, ".") {
		topic = "t" + topic // readers skip files whose names begin so
	}
	return fmt.Sprintf("%s/date=%s/%s-%d-%d-%d.%s.parquet",
		table, d, topic, r.partition.Number, r.start, r.next, r.partition.TopicID)
}

// generation is the part of a file's name that tells apart topics of one name.
func generation(name string) string {
	name = strings.TrimSuffix(name, ".parquet")
	return name[strings.LastIndexByte(name, '.')+1:]
}

// parseFileName takes apart the name of a claim's file.
func parseFileName(name string) (id ingest.Partition, start int64, ok bool) {
	id.TopicID = generation(name)
	parts := strings.Split(strings.TrimSuffix(path.Base(name), "."+id.TopicID+".parquet"), "-")
	n := len(parts)
	if n < 4 {
		return id, 0, false
	}
	id.Topic = strings.Join(parts[:n-3], "-")
	number, err1 := strconv.ParseInt(parts[n-3], 10, 32)
	start, err2 := strconv.ParseInt(parts[n-2], 10, 64)
	_, err3 := strconv.ParseInt(parts[n-1], 10, 64)
	id.Number = int32(number)
	return id, start, errors.Join(err1, err2, err3) == nil
}

// topicOf is how a file's name begins: with its topic.
func topicOf(name string) string {
	if mergedSeq(name) > 0 {
		base := path.Base(name)
		return base[:strings.LastIndex(base, "-compact-")]
	}
	id, _, _ := parseFileName(name)
	return id.Topic
}
