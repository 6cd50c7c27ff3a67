package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/cleanse/lake/audit"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
)

func newVerify() *cobra.Command {
	var brokers brokerFlags
	var where string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Account for every offset of the lake: nothing lost, nothing twice",
		Long: "Reads the ledger and every file of the lake, with code of its own, and makes sure that each record that was\n" +
			"read has its row in raw and one in the table of its outcome: read = accepted + late + quarantined + duplicate.\n" +
			"With --brokers the log is read too, and every offset that it holds of the claimed ranges must be in the lake.\n" +
			"Exits with 1 if anything differs. A lake that is being written to can be verified.",
		Example: `  titrate verify --lake ./lake
  titrate verify --lake s3://bucket/prefix --brokers localhost:9092 --json`,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			bucket, err := readLake(cmd.Context(), where)
			if err != nil {
				return err
			}
			var log audit.Log
			if cmd.Flags().Changed("brokers") {
				cfg, err := brokers.config()
				if err != nil {
					return err
				}
				survey, err := kafka.OpenSurvey(cfg)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, survey.Close()) }()
				log = surveyed{survey}
			}
			report, err := audit.Run(cmd.Context(), readOnly{bucket}, log, audit.Options{})
			if err != nil {
				return err
			}
			if len(report.Partitions) == 0 {
				return fmt.Errorf("--lake %s: %w", where, errNoLedger)
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				err = encoder.Encode(report)
			} else {
				err = report.Write(cmd.OutOrStdout())
			}
			if err == nil && !report.OK() {
				err = fmt.Errorf("the lake doesn't balance: %d differences", report.Wrong)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	flags.BoolVar(&asJSON, "json", false, "print the account as JSON")
	flags.StringVar(&brokers.brokers, "brokers", "", "Kafka brokers, host:port[,host:port]: compare with the log too")
	brokers.secure(cmd)
	return cmd
}

// readOnly is a lake's bucket for the audit, which knows no type of the writer's.
type readOnly struct{ bucket lake.Bucket }

func (r readOnly) List(ctx context.Context, prefix string, fn func(string, int64) error) error {
	return r.bucket.List(ctx, prefix, "", func(o lake.Object) error { return fn(o.Name, o.Size) })
}

func (r readOnly) Open(ctx context.Context, name string) (audit.Object, error) {
	return r.bucket.Open(ctx, name)
}

// surveyed is the log for the audit.
type surveyed struct{ survey *kafka.Survey }

func (s surveyed) Topic(ctx context.Context, name string) (string, map[int32]audit.Bounds, error) {
	id, extents, err := s.survey.Topic(ctx, name)
	bounds := make(map[int32]audit.Bounds, len(extents))
	for number, e := range extents {
		bounds[number] = audit.Bounds(e)
	}
	return id, bounds, err
}

func (s surveyed) Offsets(ctx context.Context, topic string, partition int32, from, to int64, fn func(int64)) error {
	return s.survey.Read(ctx, topic, partition, from, to, func(rec ingest.Record) { fn(rec.Offset) })
}
