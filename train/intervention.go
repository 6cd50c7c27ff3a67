package train

// Interventions are how a model's beliefs about doses compare with what happens to
// virtual people who live the same hours twice, with another dose: nobody can do
// that outside a simulator.
type Interventions struct {
	People   int                 `json:"people"`
	Moments  int                 `json:"moments"`
	Pairs    int                 `json:"pairs"` // of two doses at a moment
	Horizons []InterventionScore `json:"horizons"`
}

// InterventionScore is that of one horizon.
type InterventionScore struct {
	Minutes int `json:"minutes"`
	// Sign is the share of pairs of which the direction is right.
	Sign float64 `json:"sign_right"`
	// Rank is Spearman's correlation of the forecast with the true effect over all
	// pairs; Within is the mean of those of each moment's doses.
	Rank   float64 `json:"rank_correlation"`
	Within float64 `json:"rank_within_moments"`
	// Size is the median of forecast over true effect, and its quartiles.
	Size Interval `json:"size"`
}
