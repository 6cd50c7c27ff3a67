package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/cmd/titrate/query"
)

func newQuery() *cobra.Command {
	var lake, format string
	cmd := &cobra.Command{
		Use:   "query 'SQL'",
		Short: "Ask the lake in SQL: each of its tables is a view",
		Example: `  titrate query --lake data/lake 'select patient, avg(mgdl) from glucose group by 1 order by 1'
  titrate query --lake data/lake --format csv 'from quarantine' > quarantine.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(query.Formats(), format) {
				return usagef("--format %s: want one of %s", format, strings.Join(query.Formats(), ", "))
			}
			if strings.Contains(lake, "://") {
				return usagef("--lake %s: query reads a lake in a directory; for an object store point DuckDB, Spark or Athena at it", lake)
			}
			db, err := query.Open(cmd.Context(), lake)
			if err != nil {
				return err
			}
			defer db.Close()
			return db.Run(cmd.Context(), args[0], format, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "data/lake", "directory of the lake")
	cmd.Flags().StringVar(&format, "format", "table", strings.Join(query.Formats(), ", ")+" (IPC stream)")
	return cmd
}
