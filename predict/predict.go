// Package predict says what is worth doing about a person's glucose, and why.
//
// It is pure: the answer is a function of the person's folded log and of the
// event at hand. The safety kernel is deterministic, runs every gate, and stays
// in force whatever the model says.
package predict
