package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// configure fills the flags that were not given: from TITRATE_<FLAG>, else from
// the YAML file's "<command>.<flag>", else from its "<flag>". A flag whose rival was
// given is left alone: with --out FILE nothing goes to the brokers that a variable names.
func configure(cmd *cobra.Command) error {
	if err := checkVariables(cmd.Root(), os.Environ()); err != nil {
		return err
	}
	settings, err := readSettings(cmd)
	if err != nil {
		return err
	}
	ruledOut := map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		for _, rival := range f.Annotations[rivals] {
			ruledOut[rival] = true
			if cmd.Flags().Changed(rival) {
				err = usagef("--%s and --%s exclude each other: give one", f.Name, rival)
			}
		}
	})
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err != nil || f.Changed || ruledOut[f.Name] || f.Name == "config" || f.Name == "help" {
			return
		}
		value, from := lookup(settings, cmd, f.Name)
		if from == "" {
			return
		}
		if setErr := cmd.Flags().Set(f.Name, value); setErr != nil {
			err = usagef("%s: %w", from, flagMistake(setErr))
		}
	})
	return err
}

// rivals is the annotation of a flag that names those which make no sense beside it.
const rivals = "titrate-rivals"

// rival says that a and b exclude each other. Both must have been added.
func rival(flags *pflag.FlagSet, a, b string) {
	for flag, other := range map[string]string{a: b, b: a} {
		f := flags.Lookup(flag)
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[rivals] = append(f.Annotations[rivals], other)
	}
}

func lookup(settings *koanf.Koanf, cmd *cobra.Command, flag string) (value, from string) {
	name := envName(flag)
	if v, ok := os.LookupEnv(name); ok {
		return v, name
	}
	for _, key := range append(keysOf(cmd, flag), flag) {
		if settings.Exists(key) {
			return yamlText(settings.Get(key)), "config key " + key
		}
	}
	return "", ""
}

// keysOf are the settings of one command for a flag: of `models adapt` adapt.FLAG, else models.FLAG.
func keysOf(cmd *cobra.Command, flag string) (keys []string) {
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		keys = append(keys, cmd.Name()+"."+flag)
	}
	return keys
}

// yamlText is a value of YAML as a flag would be written: YAML makes times of what
// looks like one, and lists.
func yamlText(value any) string {
	switch v := value.(type) {
	case time.Time:
		return v.Format(time.RFC3339)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = yamlText(v[i])
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(value)
}

func envName(flag string) string {
	return "TITRATE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// readSettings reads the YAML file, and refuses keys that no command knows: a
// misspelt setting that is ignored is worse than an error.
func readSettings(cmd *cobra.Command) (*koanf.Koanf, error) {
	settings := koanf.New(".")
	path, _ := cmd.Flags().GetString("config")
	if path == "" {
		path = os.Getenv("TITRATE_CONFIG")
	}
	if path == "" {
		return settings, nil
	}
	if err := settings.Load(file.Provider(path), yaml.Parser()); err != nil {
		return nil, usagef("config %s: %w", path, plainYAML(err))
	}
	known := knownKeys(cmd.Root())
	for _, key := range settings.Keys() {
		if !slices.Contains(known, key) {
			return nil, usagef("config %s: no command has a setting %q%s; see titrate --help", path, key, didYouMean(key, known))
		}
	}
	return settings, nil
}

// knownKeys are the settings of the commands below parent.
func knownKeys(parent *cobra.Command) (keys []string) {
	for _, cmd := range parent.Commands() {
		add := func(f *pflag.Flag) { keys = append(append(keys, f.Name), keysOf(cmd, f.Name)...) }
		cmd.Flags().VisitAll(add)
		cmd.PersistentFlags().VisitAll(add)
		keys = append(keys, knownKeys(cmd)...)
	}
	return keys
}
