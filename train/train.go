// Package train turns the replayed log into a model and an honest report on it.
//
// People, not rows, are split into train, tune and test; every feature comes from
// the same feature.Window that live scoring uses. The package holds no machine
// learning library: train/fit finds the weights, and a Model scores in plain Go.
package train
