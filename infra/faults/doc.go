// Package faults has nothing but tests: it runs the real ingest job, several
// members of it at once, on a log and a store that fail by a seed, now and then for
// a while, with compaction beside them, and has the independent verifier account for
// every record afterwards.
//
// Everything happens in one synctest bubble. Each request to the log or the store
// waits until the scheduler grants it, and the scheduler chooses only when every
// goroutine waits; so a seed gives the same schedule each time, and a member can
// hang between any two requests for as long as the seed likes.
package faults
