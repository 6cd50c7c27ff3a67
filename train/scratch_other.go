//go:build !unix

package train

// scratch is not there: examples stay in memory.
type scratch struct{}

func (x *Examples) onDisk(string) error { return nil }

// Release does nothing here.
func (x *Examples) Release() {}

// Close does nothing here.
func (x *Examples) Close() {}
