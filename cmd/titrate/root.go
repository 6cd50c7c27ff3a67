package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newRoot is the command line. Flags, TITRATE_* variables and a YAML file mean
// the same thing, in that order of precedence.
func newRoot() *cobra.Command {
	// Without it a command's own PersistentPreRunE would come instead of the root's, and settings
	// of the environment would be passed over: models promote would work on another registry.
	cobra.EnableTraverseRunHooks = true
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
		return usagef("%w; see %s --help", flagMistake(err), cmd.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(commands()...)
	root.InitDefaultHelpCmd()
	helpOfCommands(root)
	strict(root)
	return root
}

// helpOfCommands has help refuse words that are no command: cobra would print the help of all,
// and exit as if it had been asked for.
func helpOfCommands(root *cobra.Command) {
	help, _, _ := root.Find([]string{"help"})
	help.Args = func(_ *cobra.Command, args []string) error {
		if cmd, rest, err := root.Find(args); err != nil || len(rest) > 0 {
			return fmt.Errorf("%s has no command %q", cmd.CommandPath(), strings.Join(rest, " "))
		}
		return nil
	}
}

// strict has cmd and the commands below it refuse arguments that they can't use, as a mistake
// in the usage. Of a command that only has others below it cobra would print the help, and exit as if
// all were well.
func strict(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		strict(sub)
	}
	if !cmd.HasSubCommands() {
		cmd.Args = asUsage(cmd.Args)
		return
	}
	cmd.SuggestionsMinimumDistance = 2
	alone := cmd.RunE != nil // it does something by itself
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef("unknown command %q%s; see %s --help", args[0], suggestion(cmd, args[0]), cmd.CommandPath())
		}
		if !alone {
			return pflag.ErrHelp
		}
		return nil
	}
	if !alone {
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
}

func suggestion(cmd *cobra.Command, word string) string {
	names := cmd.SuggestionsFor(word)
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
			return usagef("%w: %s; see %s --help", err, cmd.UseLine(), cmd.CommandPath())
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
