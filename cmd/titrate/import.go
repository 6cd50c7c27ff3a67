package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest/device"
)

func newImport() *cobra.Command {
	var to outFlags
	var zone string
	cmd := &cobra.Command{
		Use:   "import FORMAT PATH…",
		Short: "Turn exports of devices and studies into wire events",
		Long:  "Import reads exports as they are, defects and all: every line becomes an event, and what\ncan't be right is told to cleansing, which quarantines it with the reason.\n\nFormats:\n" + formatList(),
		Example: `  titrate import t1d-uom ./T1D-UOM > events.jsonl
  titrate import uci ./uci_diabetes --brokers localhost:9092`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := importOptions(zone)
			if err != nil {
				return err
			}
			return runImport(cmd, &to, args[0], args[1:], opts)
		},
	}
	to.add(cmd)
	cmd.Flags().StringVar(&zone, "zone", "", "IANA time zone of local times in the files (default: the format's own)")
	return cmd
}

func formatList() string {
	var b strings.Builder
	for _, f := range device.Formats() {
		fmt.Fprintf(&b, "  %-10s %s\n", f.Name, f.About)
	}
	return b.String()
}

func importOptions(zone string) (device.Options, error) {
	if zone == "" {
		return device.Options{}, nil
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return device.Options{}, usagef("--zone %s: %w; give a name such as Europe/London", zone, err)
	}
	return device.Options{Zone: location}, nil
}

func runImport(cmd *cobra.Command, to *outFlags, format string, paths []string, opts device.Options) error {
	out, err := to.open(cmd.Context(), cmd.OutOrStdout())
	if err != nil {
		return err
	}
	show := startProgress("Importing "+format, 0)
	summary, err := device.Read(format, paths, opts, func(row device.Row) error {
		return out.Write(kafka.Message{Key: []byte(row.Key), Value: row.JSON})
	})
	if err != nil {
		out.Abort()
		return fmt.Errorf("import %s: %w", format, err)
	}
	if err := out.Close(); err != nil {
		return err
	}
	show.end(fmt.Sprintf("%d events, %d of them with defects", summary.Events, summary.Defects))
	// Events on stdout are the result; the summary must not stand among them.
	if to.brokers == "" && to.out == "-" {
		return printSummary(cmd.ErrOrStderr(), summary)
	}
	return printSummary(cmd.OutOrStdout(), summary)
}
