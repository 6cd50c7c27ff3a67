package train

import "context"

// Fit finds weights for examples. train/fit has the implementation; here is what
// is asked of one: the same options on the same machine give the same weights,
// what it returns is the best state by the tune rows, and a loss that is not a
// number ends it with the last good state.
type Fit func(ctx context.Context, x *Examples, o FitOptions) (Fitted, error)

// FitOptions say how to fit. Zeros take defaults.
type FitOptions struct {
	Train, Tune []int // rows of the examples
	Seed        uint64
	Epochs      int         // at most; default 30, fewer of many rows
	Patience    int         // epochs without a better tune loss until it stops; default 5
	Batch       int         // rows a step
	Rate        float64     // learning rate at the start
	Progress    func(Epoch) // called after each epoch; may be nil

	// Keep is given the state after each epoch, for Resume of a later fit with the
	// same rows and options, which then ends as if it had not been interrupted. A
	// Resume of other rows or options is not used. Both may be nil.
	Keep   func(state []byte) error
	Resume []byte
}

// Epoch is one pass over the train rows. Losses are as of Weights.Loss.
type Epoch struct {
	Number int     `json:"epoch"`
	Of     int     `json:"of"`
	Rows   int     `json:"rows"`
	Train  float64 `json:"train_loss"`
	Tune   float64 `json:"tune_loss"`
	Best   bool    `json:"best"`
}

// Fitted is what fitting found.
type Fitted struct {
	Weights Weights
	Epochs  []Epoch
	Stopped string // why: epochs, patience, or loss not a number
}
