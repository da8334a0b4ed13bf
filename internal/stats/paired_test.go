package stats_test

import (
	"errors"
	"testing"

	"socialvalue/internal/stats"
)

// R 4.2.2, the sleep data of Student (1908): t.test(extra ~ group, paired = TRUE) prints the mean difference -1.58 and the
// interval -2.4598858 to -0.7001142.
func TestMeanIntervalOfStudentsSleepData(t *testing.T) {
	t.Parallel()
	first := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	second := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	var differences []float64
	for i := range first {
		differences = append(differences, first[i]-second[i])
	}
	mean, interval, err := stats.MeanInterval(sample(t, differences...), 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", mean, -1.58, 1e-12)
	nearInterval(t, "interval", interval, [2]float64{-2.4598858, -0.7001142}, 5e-8)
	if _, _, err := stats.MeanInterval(sample(t, 1), 0.95); !errors.Is(err, stats.ErrEmpty) {
		t.Errorf("an interval of one value: %v", err)
	}
}
