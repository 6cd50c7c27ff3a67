package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse/lake"
)

func newCompact() *cobra.Command {
	var where string
	var o lake.CompactOptions
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Merge the lake's small files of finished days, sorted, each event once",
		Long: "Merges the files of each table and day that is over into one, sorted by patient and time, and leaves out rows\n" +
			"that repeat an earlier one (the first by partition and offset stays). Ingest and readers may go on meanwhile;\n" +
			"only one compaction at a time is to work on a lake. One that was killed is completed by the next.",
		Example: `  titrate compact --lake ./lake
  titrate compact --lake s3://bucket/prefix --after 6h --dry-run`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(atLeast("--after", o.After, 0), atLeast("--min-files", o.MinFiles, 1)); err != nil {
				return err
			}
			bucket, err := readLake(cmd.Context(), where)
			if err != nil {
				return err
			}
			remover, can := bucket.(lake.Remover)
			if !can {
				return fmt.Errorf("--lake %s: objects can't be removed there", where)
			}
			host, _ := os.Hostname()
			begun := time.Now()
			o.ID, o.Now = fmt.Sprintf("%s-%d", host, os.Getpid()), begun
			show := startProgress("Compacting", 0)
			days := int64(0)
			o.Progress = func(table, date string) {
				days++
				show.set(days, table+" "+date)
			}
			s, err := lake.Compact(cmd.Context(), remover, o)
			if err != nil {
				return err
			}
			show.end(fmt.Sprintf("%d files became %d", s.FilesBefore, s.FilesAfter))
			return printSummary(cmd.OutOrStdout(), struct {
				lake.CompactSummary
				Seconds float64 `json:"seconds"`
			}{s, time.Since(begun).Seconds()})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&where, "lake", "data/lake", "directory, or s3://bucket/prefix")
	flags.DurationVar(&o.After, "after", time.Hour, "how long a day (UTC) must be over")
	flags.IntVar(&o.MinFiles, "min-files", 2, "merge where there are so many files of a table and day")
	flags.BoolVar(&o.DryRun, "dry-run", false, "only say what would be merged")
	return cmd
}
