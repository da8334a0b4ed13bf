package paygaps

import (
	"context"
	"fmt"
	"runtime"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/pipelines/people/contrast"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "pay_gaps@1"

// InputName is the one input of the estimator.
const InputName = "contrasts"

// Estimator computes pay gaps; its zero value is ready for use.
type Estimator struct{}

// Run reads the contrasts, one at a time, and emits the figures of each snapshot.
func (Estimator) Run(
	ctx context.Context,
	inputs map[string]array.RecordReader,
	params map[string]any,
	emit func(arrow.RecordBatch) error,
) error {
	settings, err := readSettings(params)
	if err != nil {
		return err
	}
	reader, ok := inputs[InputName]
	if !ok || len(inputs) != 1 {
		return fmt.Errorf("needs the one input %q: name it in the model's inputs", InputName)
	}
	out := newOutput(emit)
	defer out.release()
	years := pairs{settings: settings, workers: runtime.GOMAXPROCS(0)}
	if err := contrast.Read(ctx, reader, func(c *contrast.Contrast) error {
		figures, err := years.figures(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Key, err)
		}
		return out.write(c.Key, figures, settings)
	}); err != nil {
		return fmt.Errorf("input %s: %w", InputName, err)
	}
	return out.finish()
}

// settings are the parameters of a model.
type settings struct {
	replicates      int
	bootstrapPeople int
	decimals        int
	seed            uint64
}

// The reference values: the methods, 4.1 (replicates) and 1.10 (decimals).
const (
	defaultReplicates      = 10000
	defaultBootstrapPeople = 5000
	defaultDecimals        = 1
)

// level is that of every interval.
const level = 0.95

func readSettings(params map[string]any) (settings, error) {
	s := settings{defaultReplicates, defaultBootstrapPeople, defaultDecimals, 0}
	for name, value := range params {
		if name == "seed" {
			seed, ok := value.(int64)
			if !ok {
				return settings{}, fmt.Errorf("parameter seed is a %T, not a whole number", value)
			}
			s.seed = uint64(seed) //nolint:gosec // any bits are a seed
			continue
		}
		target, least, most := s.field(name)
		if target == nil {
			return settings{}, fmt.Errorf("no parameter %s: there are replicates, bootstrap_people and decimals", name)
		}
		number, ok := value.(int)
		if !ok || number < least || number > most {
			return settings{}, fmt.Errorf("parameter %s must be a whole number from %d to %d", name, least, most)
		}
		*target = number
	}
	return s, nil
}

func (s *settings) field(name string) (target *int, least, most int) {
	switch name {
	case "replicates":
		return &s.replicates, 1000, 1000000
	case "bootstrap_people":
		return &s.bootstrapPeople, 0, 100000
	case "decimals":
		return &s.decimals, 0, 12
	default:
		return nil, 0, 0
	}
}
