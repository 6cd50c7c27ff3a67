package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/device"
)

func newImport() *cobra.Command {
	var to outFlags
	var opts device.Options
	var zone string
	var detect, dry bool
	var rules ruleFlags
	cmd := &cobra.Command{
		Use:   "import FORMAT PATH…",
		Short: "Turn exports of devices and studies into wire events",
		Long:  "Import reads exports as they are, defects and all: every line becomes an event, and what\ncan't be right is told to cleansing, which quarantines it with the reason.\n\nFormats:\n" + formatList(),
		Example: `  titrate import t1d-uom ./T1D-UOM > events.jsonl
  titrate import uci ./uci_diabetes --brokers localhost:9092
  titrate import clarity export.csv --patient p-0007 --zone Europe/Berlin
  titrate import clarity export.csv --patient p-0007 --zone Europe/Berlin --dry-run
  titrate import --detect export.csv`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case detect && len(args) == 0:
				return errors.New("--detect wants the files to look at")
			case !detect && len(args) < 2:
				return fmt.Errorf("want FORMAT and at least one PATH, got %d arguments", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if detect {
				return detectFormats(cmd.OutOrStdout(), args)
			}
			if opts.Zone, err = location(zone); err != nil {
				return err
			}
			if err := device.Check(args[0], opts); err != nil {
				return importError(args[0], err)
			}
			if dry {
				return dryImport(cmd, &rules, args[0], args[1:], opts)
			}
			if rules.file != "" {
				return usagef("--rules goes with --dry-run: importing only reads, and the jobs that read the events cleanse them")
			}
			return runImport(cmd, &to, args[0], args[1:], opts)
		},
	}
	to.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&zone, "zone", "", "IANA time zone of local times in the files; required for device exports")
	flags.StringVar(&opts.Patient, "patient", "", "whose export it is, where it doesn't say; {file} or {number} stand for a file's name or number")
	flags.StringVar(&opts.Dates, "dates", "", "order of dates where it can't be told: DMY, MDY or YMD")
	flags.StringVar(&opts.Mapping, "mapping", "", "with csv: the YAML file that says what the columns are (docs/import.md)")
	rules.add(cmd)
	flags.BoolVar(&dry, "dry-run", false, "write nothing: cleanse what would be written, and print what breaks which rule, with examples")
	flags.BoolVar(&detect, "detect", false, "only say which format each PATH is, and why")
	return cmd
}

// detectFormats prints a line for each path: its format and what gave it away.
func detectFormats(out io.Writer, paths []string) error {
	for _, path := range paths {
		format, evidence, err := device.Detect(path)
		if err != nil {
			return err
		}
		writeLine(out, "%s\t%s\t%s", path, format.Name, evidence)
	}
	return nil
}

func formatList() string {
	var b strings.Builder
	for _, f := range device.Formats() {
		fmt.Fprintf(&b, "  %-10s %s\n", f.Name, f.About)
	}
	return b.String()
}

// location is nil where none is named.
func location(zone string) (*time.Location, error) {
	if zone == "" {
		return nil, nil
	}
	l, err := time.LoadLocation(zone)
	if err != nil {
		return nil, usagef("--zone %s: %w; give a name such as Europe/London", zone, err)
	}
	return l, nil
}

func runImport(cmd *cobra.Command, to *outFlags, format string, paths []string, opts device.Options) error {
	out, err := to.open(cmd.Context(), cmd.OutOrStdout())
	if err != nil {
		return err
	}
	show := startProgress("Importing "+format, 0)
	same := newTwins()
	summary, err := device.Read(format, paths, opts, func(row device.Row) error {
		same.add(&row.Wire)
		return out.Write(kafka.Message{Key: []byte(row.Key), Value: row.JSON})
	})
	if err != nil {
		out.Abort()
		return importError(format, err)
	}
	if err := out.Close(); err != nil {
		return err
	}
	show.end(fmt.Sprintf("%d events, %d of them with defects", summary.Events, summary.Defects))
	for _, s := range same.found() {
		slog.Warn("two people share readings: one's may stand under the other's name", "patients", s.Patients, "readings", s.Readings, "since", s.Since, "until", s.Until)
	}
	return printSummary(to.summaryOut(cmd), importSummary{summary, same.found()})
}

// importError tells a mistake in how the import was called from what is wrong with the files.
func importError(format string, err error) error {
	err = fmt.Errorf("import %s: %w", format, err)
	if errors.As(err, new(device.OptionError)) {
		return usageError{err}
	}
	return err
}

// importSummary is what an import prints: what was read, and who shares readings.
type importSummary struct {
	device.Summary
	Shared []sharedReadings `json:"shared,omitempty"`
}

// dryImport cleanses what an import would write, as if it arrived now.
func dryImport(cmd *cobra.Command, rules *ruleFlags, format string, paths []string, opts device.Options) error {
	book, err := rules.open()
	if err != nil {
		return err
	}
	same, found, now := newTwins(), newCensus(book), time.Now()
	summary, err := device.Read(format, paths, opts, func(row device.Row) error {
		same.add(&row.Wire)
		found.judge(ingest.Partition{}, ingest.Record{Offset: found.Records, Seen: now, Key: []byte(row.Key), Value: row.JSON})
		return nil
	})
	if err != nil {
		return importError(format, err)
	}
	return printSummary(cmd.OutOrStdout(), struct {
		Import importSummary `json:"import"`
		*census
	}{importSummary{summary, same.found()}, found})
}
