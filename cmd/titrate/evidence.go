package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
)

// evidence is what was told to a person up to a recommendation, which is the last,
// and the events that it rests on, both in the order of the partition.
type evidence struct {
	payload []byte // of the recommendation, as it was recorded
	said    []predict.Recommendation
	records []ingest.Record
}

// saidAt is a recommendation as it was recorded.
type saidAt struct {
	predict.Recommendation
	payload []byte
}

// gather makes evidence of everything that a person was told and the events of
// their partition.
func gather(id string, said []saidAt, records []ingest.Record) evidence {
	slices.SortFunc(said, func(a, b saidAt) int { return cmp.Compare(a.Event.Offset, b.Event.Offset) })
	var e evidence
	for _, s := range said {
		e.said = append(e.said, s.Recommendation)
		if s.ID == id {
			e.payload = s.payload
			break
		}
	}
	slices.SortFunc(records, func(a, b ingest.Record) int { return cmp.Compare(a.Offset, b.Offset) })
	e.records = slices.CompactFunc(records, func(a, b ingest.Record) bool { return a.Offset == b.Offset })
	return e
}

// rests tells whether rec is evidence for a person's recommendations: theirs, or an
// event that was answered to them, such as one by which their silence was noticed.
func rests(rec *ingest.Record, target *predict.Recommendation, answered map[int64]bool) bool {
	if rec.Partition != target.Event.Partition || rec.Offset > target.Event.Offset {
		return false
	}
	own := string(rec.Key) == target.Patient || len(rec.Key) == 0 && bytes.Contains(rec.Value, []byte(target.Patient))
	return own || answered[rec.Offset]
}

func find(id string, said []saidAt) (target *predict.Recommendation, theirs []saidAt, answered map[int64]bool, err error) {
	at := slices.IndexFunc(said, func(s saidAt) bool { return s.ID == id })
	if at < 0 {
		return nil, nil, nil, fmt.Errorf("no recommendation %s is there: check the id, or run titrate ingest first", id)
	}
	target, answered = &said[at].Recommendation, map[int64]bool{}
	for _, s := range said {
		if s.Patient == target.Patient && s.Event.Partition == target.Event.Partition {
			theirs = append(theirs, s)
			answered[s.Event.Offset] = true
		}
	}
	return target, theirs, answered, nil
}

func evidenceInLog(ctx context.Context, cfg kafka.Config, topic, id string) (evidence, error) {
	var said []saidAt
	err := readOnce(ctx, cfg, topicRecommendations, func(rec ingest.Record) {
		s := saidAt{payload: bytes.Clone(rec.Value)}
		if json.Unmarshal(rec.Value, &s.Recommendation) == nil {
			said = append(said, s)
		}
	})
	if err != nil {
		return evidence{}, err
	}
	target, theirs, answered, err := find(id, said)
	if err != nil {
		return evidence{}, fmt.Errorf("--brokers %s: %w", cfg.Brokers, err)
	}
	var records []ingest.Record
	err = readOnce(ctx, cfg, topic, func(rec ingest.Record) {
		if rests(&rec, target, answered) {
			rec.Key, rec.Value = bytes.Clone(rec.Key), bytes.Clone(rec.Value)
			records = append(records, rec)
		}
	})
	if err != nil {
		return evidence{}, err
	}
	return gather(id, theirs, records), nil
}

func evidenceInLake(ctx context.Context, bucket lake.Bucket, topic, id string) (evidence, error) {
	var said []saidAt
	err := lake.Scan(ctx, bucket, lake.ScanOptions{Table: "recommendations", Columns: []string{"payload"}}, func(rows arrow.Record) error {
		payload := rows.Column(0).(*array.String)
		for i := range payload.Len() {
			s := saidAt{payload: []byte(payload.Value(i))}
			if err := json.Unmarshal(s.payload, &s.Recommendation); err != nil {
				return fmt.Errorf("recommendation: %w", err)
			}
			said = append(said, s)
		}
		return nil
	})
	if err != nil {
		return evidence{}, err
	}
	target, theirs, answered, err := find(id, said)
	if err != nil {
		return evidence{}, err
	}
	var records []ingest.Record
	columns := []string{"topic", "kafka_partition", "kafka_offset", "received", "key", "payload"}
	err = lake.Scan(ctx, bucket, lake.ScanOptions{Table: "raw", Columns: columns}, func(rows arrow.Record) error {
		for i := range int(rows.NumRows()) {
			if rows.Column(0).(*array.String).Value(i) != topic {
				continue
			}
			rec := ingest.Record{
				Topic: topic, Partition: rows.Column(1).(*array.Int32).Value(i), Offset: rows.Column(2).(*array.Int64).Value(i),
				Seen: time.UnixMicro(int64(rows.Column(3).(*array.Timestamp).Value(i))).UTC(),
				Key:  rows.Column(4).(*array.Binary).Value(i), Value: rows.Column(5).(*array.Binary).Value(i),
			}
			if rests(&rec, target, answered) {
				rec.Key, rec.Value = bytes.Clone(rec.Key), bytes.Clone(rec.Value)
				records = append(records, rec)
			}
		}
		return nil
	})
	if err != nil {
		return evidence{}, err
	}
	return gather(id, theirs, records), nil
}
