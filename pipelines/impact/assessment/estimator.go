package assessment

import (
	"context"
	"fmt"
	"runtime"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/pipelines/impact/assess"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "impact_assessment@1"

// Estimator assesses proposals; its zero value is ready for use.
type Estimator struct{}

// Run reads every input, assesses, and emits the table asked for.
func (Estimator) Run(
	ctx context.Context,
	inputs map[string]array.RecordReader,
	params map[string]any,
	emit func(arrow.RecordBatch) error,
) error {
	s, err := readSettings(params)
	if err != nil {
		return err
	}
	in, err := read(ctx, inputs)
	if err != nil {
		return err
	}
	settings := assess.Settings{Seed: s.seed, Workers: runtime.GOMAXPROCS(0), ByYear: s.table == "years"}
	if s.drawn() {
		settings.Draws = s.draws
	}
	result, err := assess.Run(ctx, in, settings)
	if err != nil {
		return err
	}
	return s.emit(result, emit)
}

// settings are the parameters of a model.
type settings struct {
	table string
	draws int
	seed  int64
}

const mostDraws = 1_000_000

// drawn tells whether the table says anything of uncertainty.
func (s settings) drawn() bool {
	return s.table == "years" || s.table == "lines" || s.table == "sums" || s.table == "portfolio"
}

func readSettings(params map[string]any) (settings, error) {
	var s settings
	for name, value := range params {
		switch name {
		case "seed": // that of the relation: here all tables share one, so that they tell of the same draws
		case "table":
			s.table, _ = value.(string)
		case "draws":
			number, ok := value.(int)
			if !ok || number < 0 || number > mostDraws {
				return settings{}, fmt.Errorf("parameter draws must be a whole number from 0 to %d", mostDraws)
			}
			s.draws = number
		case "draw_seed":
			number, ok := value.(int)
			if !ok {
				return settings{}, fmt.Errorf("parameter draw_seed must be a whole number")
			}
			s.seed = int64(number)
		default:
			return settings{}, fmt.Errorf("no parameter %s: there are table, draws and draw_seed", name)
		}
	}
	if s.drawn() && s.draws == 0 {
		return settings{}, fmt.Errorf("table %s tells of uncertainty: give the parameter draws", s.table)
	}
	return s, nil
}

// emit gives the table.
func (s settings) emit(r *assess.Result, emit func(arrow.RecordBatch) error) error {
	switch s.table {
	case "years":
		return write(yearsOf(r.Lines), yearColumns(s), emit)
	case "lines":
		return write(r.Lines, lineColumns(s), emit)
	case "sums":
		return write(r.Sums, sumColumns(s), emit)
	case "adjustments":
		return write(adjustmentsOf(r), adjustmentColumns(), emit)
	case "comparisons":
		return write(r.Comparisons, comparisonColumns(), emit)
	case "swings":
		return write(r.Swings, swingColumns(), emit)
	case "portfolio":
		return write(r.Portfolio, portfolioColumns(s), emit)
	case "refusals":
		return write(refusalsOf(r.Refusals), refusalColumns(), emit)
	default:
		return fmt.Errorf("parameter table is %q: give years, lines, sums, adjustments, comparisons, swings, portfolio or refusals", s.table)
	}
}
