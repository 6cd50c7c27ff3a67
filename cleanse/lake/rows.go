package lake

// The row types are the Parquet contract: a field's parquet tag is its column,
// its doc tag the column's line in docs/lake.md. "optional" columns are null
// where the event didn't say; a zero that was said is kept, which is what the
// pointers are for. (Not only there: of a value that isn't a pointer parquet-go
// v0.32 takes some nulls for zeros, where as many values as nulls before them are
// followed by nulls.) Timestamps are microseconds, UTC: engines can't read finer.

// row is what the tables of events share.
type row struct {
	Patient   string  `parquet:"patient,dict" doc:"whose event it is; also the key of the message"`
	Time      int64   `parquet:"time,timestamp(microsecond:utc),delta" doc:"when it happened"`
	Received  int64   `parquet:"received,timestamp(microsecond:utc),delta" doc:"when the log took it"`
	Device    *string `parquet:"device,optional,dict" doc:"the sensor, pump or app that reported it"`
	Source    *string `parquet:"source,optional,dict" doc:"of glucose: cgm, fingerstick or lab"`
	ID        *string `parquet:"id,optional" doc:"the sender's own id, where it gave one"`
	Late      bool    `parquet:"late" doc:"arrived long after it happened, and was not declared history"`
	Backfill  bool    `parquet:"backfill" doc:"was declared history by its sender"`
	Partition int32   `parquet:"kafka_partition,delta" doc:"where in the log the message is"`
	Offset    int64   `parquet:"kafka_offset,delta" doc:"where in the partition the message is"`
	Replaces  *string `parquet:"replaces,optional" doc:"id of an earlier event of the patient that this one stands in for (since 2)"`
	Flags     *string `parquet:"flags,optional,dict" doc:"rules that it breaks and yet was accepted, sorted, with commas between them (since 2)"`
	Extra     *string `parquet:"extra,optional" doc:"members of the message that have no column, as a JSON object (since 2)"`
}

type glucoseRow struct {
	row
	MgdL    float64 `parquet:"mgdl" doc:"glucose in mg/dL"`
	Trend   *string `parquet:"trend,optional,dict" doc:"the sensor's arrow"`
	Special *string `parquet:"special,optional,dict" doc:"low or high: the value is the sensor's limit, not a measurement"`
}

type mealRow struct {
	row
	CarbsG   *float64 `parquet:"carbs_g,optional" doc:"carbohydrate, g; null where only a size was logged"`
	Kcal     *float64 `parquet:"kcal,optional" doc:"energy, kcal"`
	ProteinG *float64 `parquet:"protein_g,optional" doc:"protein, g"`
	FatG     *float64 `parquet:"fat_g,optional" doc:"fat, g"`
	FibreG   *float64 `parquet:"fibre_g,optional" doc:"fibre, g"`
	Meal     *string  `parquet:"meal,optional,dict" doc:"breakfast, lunch, dinner, snack or rescue"`
	Size     *string  `parquet:"size,optional,dict" doc:"usual, more or less: a meal logged without grams"`
}

type insulinRow struct {
	row
	Units       float64  `parquet:"units" doc:"insulin, international units"`
	Kind        *string  `parquet:"kind,optional,dict" doc:"rapid, short, intermediate, long or mixed"`
	Reason      *string  `parquet:"reason,optional,dict" doc:"meal, correction or basal"`
	Product     *string  `parquet:"product,optional,dict" doc:"lispro, aspart, glargine, …"`
	DurationMin *float64 `parquet:"duration_min,optional" doc:"delivered evenly over so many minutes from time; null: at once"`
}

type profileRow struct {
	row
	BirthYear          *int32   `parquet:"birth_year,optional" doc:"year of birth"`
	WeightKg           *float64 `parquet:"weight_kg,optional" doc:"body mass, kg"`
	Diabetes           *string  `parquet:"diabetes,optional,dict" doc:"type1 or type2"`
	Regimen            *string  `parquet:"regimen,optional,dict" doc:"mdi, pump or basal"`
	ICR                *float64 `parquet:"icr_g_per_u,optional" doc:"carbohydrate that one unit covers, g/U, where constant"`
	ICRSchedule        *string  `parquet:"icr_schedule,optional" doc:"the same as a JSON schedule of local times, where it changes"`
	ISF                *float64 `parquet:"isf_mgdl_per_u,optional" doc:"fall of glucose by one unit, mg/dL per U, where constant"`
	ISFSchedule        *string  `parquet:"isf_schedule,optional" doc:"as a schedule"`
	TargetLow          *float64 `parquet:"target_low_mgdl,optional" doc:"lower end of the target, mg/dL, where constant"`
	TargetLowSchedule  *string  `parquet:"target_low_schedule,optional" doc:"as a schedule"`
	TargetHigh         *float64 `parquet:"target_high_mgdl,optional" doc:"upper end of the target, mg/dL, where constant"`
	TargetHighSchedule *string  `parquet:"target_high_schedule,optional" doc:"as a schedule"`
	Basal              *float64 `parquet:"basal_u_per_day,optional" doc:"basal insulin, U/day, where constant"`
	BasalSchedule      *string  `parquet:"basal_schedule,optional" doc:"as a schedule"`
	MaxBolusU          *float64 `parquet:"max_bolus_u,optional" doc:"largest bolus allowed, U"`
	DoseStepU          *float64 `parquet:"dose_step_u,optional" doc:"smallest step that the pen or pump delivers, U"`
	Insulin            *string  `parquet:"insulin,optional,dict" doc:"rapid-acting product"`
	DIAMin             *float64 `parquet:"dia_min,optional" doc:"duration of insulin action, min"`
	Timezone           string   `parquet:"timezone,dict" doc:"IANA zone of the schedules; UTC if not given"`
}

type responseRow struct {
	row
	Recommendation string   `parquet:"recommendation" doc:"id of the recommendation that was answered"`
	Action         string   `parquet:"action,dict" doc:"accepted, changed or declined"`
	Units          *float64 `parquet:"units,optional" doc:"insulin taken, U"`
	CarbsG         *float64 `parquet:"carbs_g,optional" doc:"carbohydrate taken, g"`
	Reason         *string  `parquet:"reason,optional,dict" doc:"why it was declined or changed"`
}

type activityRow struct {
	row
	Minutes   float64 `parquet:"minutes" doc:"how long it took"`
	Intensity *string `parquet:"intensity,optional,dict" doc:"light, moderate or vigorous"`
}

type noteRow struct {
	row
	Code *string `parquet:"code,optional,dict" doc:"what was observed, such as hypo-symptoms"`
	Text *string `parquet:"text,optional" doc:"in the sender's words"`
}

// retractionRow is only what all events share: Replaces says the rest.
type retractionRow struct{ row }

// message is a record as it arrived. Its payload may be anything, so payload and
// key are bytes, not text.
type message struct {
	Payload   []byte `parquet:"payload" doc:"the message's value, byte for byte"`
	Key       []byte `parquet:"key,optional" doc:"the message's key: the patient, if it is one"`
	Topic     string `parquet:"topic,dict" doc:"the topic it was read from"`
	Partition int32  `parquet:"kafka_partition,delta" doc:"where in the log it is"`
	Offset    int64  `parquet:"kafka_offset,delta" doc:"where in the partition it is"`
	Received  int64  `parquet:"received,timestamp(microsecond:utc),delta" doc:"when the log took it"`
}

type rawRow struct {
	message
	Outcome string `parquet:"outcome,dict" doc:"accepted, late (accepted too), duplicate or quarantined"`
}

type quarantineRow struct {
	message
	Reasons []reasonRow `parquet:"reasons,list" doc:"everything that is wrong with it"`
}

type reasonRow struct {
	Field string `parquet:"field,dict" doc:"the wire event's field, or empty for the message as a whole"`
	Code  string `parquet:"code,dict" doc:"a stable word for what is wrong"`
	Note  string `parquet:"note" doc:"the same for a person to read"`
}

type recommendationRow struct {
	ID             string  `parquet:"id" doc:"hash of patient, model and log position: a replay makes the same"`
	Patient        string  `parquet:"patient,dict" doc:"whom it advises"`
	Time           int64   `parquet:"time,timestamp(microsecond:utc)" doc:"when it was made"`
	Received       int64   `parquet:"received,timestamp(microsecond:utc)" doc:"when the log took it"`
	Expires        int64   `parquet:"expires,timestamp(microsecond:utc)" doc:"not to be followed after"`
	Kind           string  `parquet:"kind,dict" doc:"bolus, correction, carbs, basal, check or hold"`
	Units          float64 `parquet:"units" doc:"insulin advised, U"`
	CarbsG         float64 `parquet:"carbs_g" doc:"carbohydrate advised, g"`
	Because        *string `parquet:"because,optional" doc:"the reckoning, for a person to check"`
	Model          *string `parquet:"model,optional,dict" doc:"version of the model that was asked"`
	Rules          *string `parquet:"rules,optional,dict" doc:"rules that the scorer cleansed by: their version and, if an operator changed them, + and the hash of the change (since 2)"`
	EventPartition int32   `parquet:"event_partition" doc:"log position of the event that was answered"`
	EventOffset    int64   `parquet:"event_offset" doc:"log position of the event that was answered"`
	Payload        string  `parquet:"payload" doc:"the whole recommendation as JSON, with components, gates and forecast"`
	Partition      int32   `parquet:"kafka_partition" doc:"where in the log the message is"`
	Offset         int64   `parquet:"kafka_offset" doc:"where in the partition the message is"`
}

// shadowRow has the opinions side by side: not every engine reads groups easily.
type shadowRow struct {
	Patient          string  `parquet:"patient,dict" doc:"of whom it was"`
	Time             int64   `parquet:"time,timestamp(microsecond:utc),delta" doc:"when it was weighed"`
	Received         int64   `parquet:"received,timestamp(microsecond:utc),delta" doc:"when the log took it"`
	Differs          bool    `parquet:"differs" doc:"in kind, units or carbs, or in whether to speak"`
	Champion         *string `parquet:"champion,optional,dict" doc:"version of the model in charge"`
	ChampionSilent   bool    `parquet:"champion_silent" doc:"it would say nothing"`
	ChampionKind     *string `parquet:"champion_kind,optional,dict" doc:"as in recommendations; null if silent"`
	ChampionUnits    float64 `parquet:"champion_units" doc:"insulin it would advise, U"`
	ChampionCarbsG   float64 `parquet:"champion_carbs_g" doc:"carbohydrate it would advise, g"`
	Challenger       *string `parquet:"challenger,optional,dict" doc:"version of the model that watches"`
	ChallengerSilent bool    `parquet:"challenger_silent" doc:"it would say nothing"`
	ChallengerKind   *string `parquet:"challenger_kind,optional,dict" doc:"as in recommendations; null if silent"`
	ChallengerUnits  float64 `parquet:"challenger_units" doc:"insulin it would advise, U"`
	ChallengerCarbsG float64 `parquet:"challenger_carbs_g" doc:"carbohydrate it would advise, g"`
	EventPartition   int32   `parquet:"event_partition" doc:"log position of the event that was weighed"`
	EventOffset      int64   `parquet:"event_offset" doc:"log position of the event that was weighed"`
	Partition        int32   `parquet:"kafka_partition,delta" doc:"where in the log the message is"`
	Offset           int64   `parquet:"kafka_offset,delta" doc:"where in the partition the message is"`
}

type momentRow struct {
	ID             string `parquet:"id" doc:"hash of patient, name and log position: a replay makes the same"`
	Patient        string `parquet:"patient,dict" doc:"in whose life it came up"`
	Time           int64  `parquet:"time,timestamp(microsecond:utc),delta" doc:"when it came up"`
	Received       int64  `parquet:"received,timestamp(microsecond:utc),delta" doc:"when the log took it"`
	Name           string `parquet:"name,dict" doc:"name of its definition"`
	Says           string `parquet:"says,dict" doc:"what the definition says to the coach"`
	EventPartition int32  `parquet:"event_partition" doc:"log position of the event on which it came up"`
	EventOffset    int64  `parquet:"event_offset" doc:"log position of the event on which it came up"`
	Partition      int32  `parquet:"kafka_partition,delta" doc:"where in the log the message is"`
	Offset         int64  `parquet:"kafka_offset,delta" doc:"where in the partition the message is"`
}
