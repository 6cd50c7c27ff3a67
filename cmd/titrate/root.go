package main

import (
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// newRoot is the command line. Flags, TITRATE_* variables and a YAML file mean
// the same thing, in that order of precedence.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "titrate",
		Short: "Glucose, meals and insulin: from a stream to a lake, a model and an explained dose",
		Long: "Titrate takes glucose readings, meals and insulin doses through Kafka, cleanses them,\n" +
			"keeps them as Parquet, trains a dose-response model and answers each meal with advice.\n\n" +
			"It is research software and a decision aid, not a medical device.",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
			return configure(cmd)
		},
	}
	root.PersistentFlags().String("config", "", "YAML file with settings (a flag or TITRATE_* variable wins over it)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w; see %s --help", err, cmd.CommandPath())
	})
	root.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return usagef("unknown command %q%s; see titrate --help", args[0], suggestion(cmd.SuggestionsFor(args[0])))
	}
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(commands()...)
	for _, cmd := range root.Commands() {
		cmd.Args = asUsage(cmd.Args)
	}
	return root
}

func suggestion(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(names, " or ") + "?"
}

// asUsage turns a mistake in the arguments into a usage error.
func asUsage(check cobra.PositionalArgs) cobra.PositionalArgs {
	if check == nil {
		check = cobra.NoArgs
	}
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usagef("%w; see %s --help", err, cmd.CommandPath())
		}
		return nil
	}
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "commit " + s.Value[:12]
		}
	}
	return info.Main.Version
}
