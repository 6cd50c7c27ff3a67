package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// commands lists the subcommands in the order of --help.
func commands() []*cobra.Command {
	return []*cobra.Command{
		newUp(),
		newIngest(),
		newTrain(),
		newScore(),
		newServe(),
		newImport(),
		newSimulate(),
		newTrial(),
		newBench(),
		newModels(),
		newQuery(),
		newCompact(),
		newVerify(),
		newExplain(),
		newMoments(),
		newControl(),
		newReplay(),
		newRules(),
		newLint(),
	}
}

// printSummary ends a job: one JSON object on one line of stdout.
func printSummary(out io.Writer, summary any) error {
	line, err := json.Marshal(summary)
	if err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	_, err = fmt.Fprintln(out, string(line))
	return err
}
