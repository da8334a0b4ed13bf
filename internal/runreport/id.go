package runreport

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"
)

// NewID names a run so that names sort by time.
func NewID(started time.Time) (string, error) {
	random := make([]byte, 2)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("name the run: %w", err)
	}
	return started.Format("20060102T150405Z") + "-" + hex.EncodeToString(random), nil
}
