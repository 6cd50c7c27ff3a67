package lake

import "github.com/parquet-go/parquet-go"

// schemas are the Parquet schemas of all tables by name.
func parquetSchemas() map[string]*parquet.Schema {
	return map[string]*parquet.Schema{
		Raw:             parquet.SchemaOf(rawRow{}),
		Glucose:         parquet.SchemaOf(glucoseRow{}),
		Meals:           parquet.SchemaOf(mealRow{}),
		Insulin:         parquet.SchemaOf(insulinRow{}),
		Profiles:        parquet.SchemaOf(profileRow{}),
		Responses:       parquet.SchemaOf(responseRow{}),
		Activities:      parquet.SchemaOf(activityRow{}),
		Notes:           parquet.SchemaOf(noteRow{}),
		Quarantine:      parquet.SchemaOf(quarantineRow{}),
		Recommendations: parquet.SchemaOf(recommendationRow{}),
	}
}
