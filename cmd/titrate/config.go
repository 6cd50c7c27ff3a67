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
// the YAML file's "<command>.<flag>", else from its "<flag>".
func configure(cmd *cobra.Command) error {
	settings, err := readSettings(cmd)
	if err != nil {
		return err
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err != nil || f.Changed || f.Name == "config" || f.Name == "help" {
			return
		}
		value, from := lookup(settings, cmd.Name(), f.Name)
		if from == "" {
			return
		}
		if setErr := cmd.Flags().Set(f.Name, value); setErr != nil {
			err = usagef("%s: %w", from, setErr)
		}
	})
	return err
}

func lookup(settings *koanf.Koanf, command, flag string) (value, from string) {
	name := envName(flag)
	if v, ok := os.LookupEnv(name); ok {
		return v, name
	}
	for _, key := range []string{command + "." + flag, flag} {
		if settings.Exists(key) {
			return yamlText(settings.Get(key)), "config key " + key
		}
	}
	return "", ""
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
		return nil, usagef("config %s: %w", path, err)
	}
	known := knownKeys(cmd.Root())
	for _, key := range settings.Keys() {
		if !slices.Contains(known, key) {
			return nil, usagef("config %s: no command has a setting %q; see titrate --help", path, key)
		}
	}
	return settings, nil
}

func knownKeys(root *cobra.Command) []string {
	var keys []string
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			keys = append(keys, f.Name, cmd.Name()+"."+f.Name)
		})
	}
	return keys
}
