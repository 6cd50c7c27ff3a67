package fit

import (
	"fmt"

	"github.com/titrate/titrate/train"
)

func show(i train.Interval) string { return fmt.Sprintf("%.2f [%.2f, %.2f]", i.Value, i.Low, i.High) }
