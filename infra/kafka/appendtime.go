package kafka

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// stampAppends makes the broker's clock the log time of records produced to
// topics with message.timestamp.type=LogAppendTime. The embedded cluster knows
// the setting but keeps the producer's times. Its own way, the attribute bit,
// changes a batch without its checksum, so batches are rewritten before it
// sees them: every record gets the same time, and the codec is dropped.
func stampAppends(c *kfake.Cluster) {
	c.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		for _, topic := range req.(*kmsg.ProduceRequest).Topics {
			if !appendTime(c, topic) {
				continue
			}
			for i := range topic.Partitions {
				// What can't be rewritten is malformed, which the cluster tells the client.
				if b, err := stamped(topic.Partitions[i].Records, time.Now()); err == nil {
					topic.Partitions[i].Records = b
				}
			}
		}
		return nil, nil, false
	})
}

// appendTime reports whether topic is set to LogAppendTime.
func appendTime(c *kfake.Cluster, topic kmsg.ProduceRequestTopic) bool {
	info := c.TopicInfo(topic.Topic)
	if topic.Topic == "" {
		info = c.TopicIDInfo(topic.TopicID)
	}
	if info == nil {
		return false
	}
	set := info.Configs["message.timestamp.type"]
	return set != nil && *set == "LogAppendTime"
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// stamped is the record batch raw with every log time set to now.
func stamped(raw []byte, now time.Time) ([]byte, error) {
	var b kmsg.RecordBatch
	if err := b.ReadFrom(raw); err != nil {
		return nil, fmt.Errorf("record batch: %w", err)
	}
	if len(raw) < 21 || b.CRC != int32(crc32.Checksum(raw[21:], castagnoli)) {
		return nil, fmt.Errorf("record batch: checksum differs")
	}
	records, err := kfake.BatchRecords(b)
	if err != nil {
		return nil, fmt.Errorf("record batch: %w", err)
	}
	b.Attributes &^= 0b1111 // codec, and the bit that would have the cluster stamp again
	b.FirstTimestamp, b.MaxTimestamp = now.UnixMilli(), now.UnixMilli()
	b.Records = nil
	for _, r := range records {
		r.TimestampDelta, r.TimestampDelta64, r.Length = 0, 0, 0
		r.Length = int32(len(r.AppendTo(nil)) - 1) // without the length itself, which is one byte while it is zero
		b.Records = r.AppendTo(b.Records)
	}
	return sealed(b), nil
}

// sealed encodes a batch with its length and checksum.
func sealed(b kmsg.RecordBatch) []byte {
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-12))
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], castagnoli))
	return raw
}
