package lake

import "github.com/parquet-go/parquet-go"

// contract is what readers may rely on of one table.
type contract struct {
	table string
	doc   string
	row   any // the zero row: its tags are the columns
}

// contracts are all tables, in the order of the documentation.
func contracts() []contract {
	return []contract{
		{Raw, "Every message as it arrived, whatever became of it.", rawRow{}},
		{Glucose, "Glucose readings.", glucoseRow{}},
		{Meals, "What was eaten.", mealRow{}},
		{Insulin, "Insulin that was delivered.", insulinRow{}},
		{Profiles, "Therapy settings, in force from `time` on.", profileRow{}},
		{Responses, "What people did about recommendations.", responseRow{}},
		{Activities, "Physical activity, begun at `time`.", activityRow{}},
		{Notes, "Coded observations.", noteRow{}},
		{Retractions, "Events that only say that another, which `replaces` names, doesn't hold.", retractionRow{}},
		{Quarantine, "Messages that can't be right, with every reason.", quarantineRow{}},
		{Recommendations, "What the scorer advised.", recommendationRow{}},
		{Shadow, "What the model in charge and a challenger would each have said of an event, where either would have spoken. Only the former did.", shadowRow{}},
		{Moments, "Situations that a coach acts on, when they came up.", momentRow{}},
	}
}

// TableNames are the names of all tables.
func TableNames() []string {
	var names []string
	for _, c := range contracts() {
		names = append(names, c.table)
	}
	return names
}

// EventTables are the names of the tables whose rows are events of people.
func EventTables() []string {
	var names []string
	for _, s := range sources() {
		names = append(names, s.table)
	}
	return names
}

// schemaOf is the Parquet schema of a table, nil if there is no such table.
func schemaOf(table string) *parquet.Schema {
	for _, c := range contracts() {
		if c.table == table {
			return parquet.SchemaOf(c.row)
		}
	}
	return nil
}
