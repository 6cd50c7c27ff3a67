// Package lake turns cleansed records into Parquet tables that any engine can
// query, and turns the tables back into events.
//
// A range of offsets is claimed before its files are written, so whatever
// crashes, and however many writers believe they own a partition, each record
// has exactly one row in raw and one in the table of its outcome.
package lake

// SchemaVersion numbers the tables' columns. Versions are supersets: a new
// column is nullable, and a column never changes its meaning.
const SchemaVersion = 2
