package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cleanse"
)

// ruleFlags name an operator's file of rules.
type ruleFlags struct {
	file string
	flag string // that names it; empty: --rules
}

func (f *ruleFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "rules", "", "YAML file that changes and adds rules of cleansing (docs/rules.md); give every job the same")
}

// open reads the rules, and tells of what was switched off.
func (f *ruleFlags) open() (*cleanse.Book, error) {
	if f.file == "" {
		return cleanse.Standard(), nil
	}
	book, err := readRules(f.file)
	if err != nil {
		return nil, usagef("%s: %w", cmp.Or(f.flag, "--rules"), err)
	}
	slog.Info("cleansing by changed rules", "file", f.file, "rules", book.Name())
	for _, r := range book.Rules() {
		if r.Because != "" {
			slog.Warn("a rule is switched off", "rule", r.ID, "hazard", r.Hazard, "because", r.Because)
		}
	}
	return book, nil
}

// readRules reads a file of rules; every mistake in it has a line of the error.
func readRules(file string) (*cleanse.Book, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	book, err := cleanse.ReadBook(text)
	if err != nil {
		return nil, fmt.Errorf("%s:\n  %s", file, strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	return book, nil
}

func newRules() *cobra.Command {
	var rules ruleFlags
	var asJSON, markdown bool
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules of cleansing",
		Long: "Rules lists what is checked of every event: the standard rules or, with --rules, those with a file's changes and\n" +
			"additions in force.",
		Example: "  titrate rules\n  titrate rules --rules rules.yaml --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			book, err := rules.open()
			if err != nil {
				return err
			}
			switch {
			case asJSON && markdown:
				return usagef("--json and --markdown exclude each other")
			case asJSON:
				return printSummary(cmd.OutOrStdout(), ruleList{book.Name(), book.Rules()})
			case markdown:
				_, err := io.WriteString(cmd.OutOrStdout(), book.Markdown())
				return err
			}
			return listRules(cmd.OutOrStdout(), book)
		},
	}
	rules.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print docs/rules.md")
	return cmd
}

// ruleList is what rules --json prints.
type ruleList struct {
	Version string         `json:"version"`
	Rules   []cleanse.Rule `json:"rules"`
}

func listRules(out io.Writer, book *cleanse.Book) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tACTION\tSEVERITY\tHAZARD\tAPPLIES TO\tMUST HOLD")
	for _, r := range book.Rules() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Action, r.Severity, r.Hazard, r.Applies, r.Checks)
	}
	return w.Flush()
}

func newLint() *cobra.Command {
	return &cobra.Command{
		Use:     "lint FILE",
		Short:   "Check a file of rules, and say what it changes",
		Example: "  titrate lint rules.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := readRules(args[0])
			if err != nil {
				return err
			}
			return lintReport(cmd.OutOrStdout(), book)
		},
	}
}

// lintReport tells how the rules differ from the standard ones.
func lintReport(out io.Writer, book *cleanse.Book) error {
	standard := map[string]cleanse.Rule{}
	for _, r := range cleanse.Rules() {
		standard[r.ID] = r
	}
	for _, r := range book.Rules() {
		was, known := standard[r.ID]
		switch {
		case !known:
			writeLine(out, "adds %s (%s, %s) on %s: %s", r.ID, r.Action, r.Severity, r.Applies, r.Checks)
		case r.Because != "":
			writeLine(out, "switches off %s, against hazard %s, because %s", r.ID, r.Hazard, r.Because)
		case was.Action != r.Action || was.Severity != r.Severity || fmt.Sprint(was.Params) != fmt.Sprint(r.Params):
			writeLine(out, "changes %s: %s, %s, %s", r.ID, r.Action, r.Severity, params(r))
		}
	}
	for _, t := range book.ErrorIf() {
		writeLine(out, "stops the ingest job if %s", t)
	}
	writeLine(out, "rules %s", book.Name())
	return nil
}

func params(r cleanse.Rule) string {
	var all []string
	for _, p := range r.Params {
		all = append(all, fmt.Sprintf("%s %v", p.Name, p.Value))
	}
	return strings.Join(all, ", ")
}
