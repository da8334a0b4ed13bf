package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// watched is where the scheduler answers those who watch it. It can move to another address while it works.
type watched struct {
	ctx     context.Context //nolint:containedctx // that of the service, which this is a part of
	group   *errgroup.Group
	handler http.Handler

	mu      sync.Mutex
	address string
	server  *http.Server
}

// move answers at another address from now on, and at the former one no more; an empty one is none. When it fails,
// all stays as it was.
func (w *watched) move(address string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if address == w.address {
		return nil
	}
	former := w.server
	if address == "" {
		w.server = nil
	} else {
		listener, err := (&net.ListenConfig{}).Listen(w.ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("listen for those who watch (operations.listen of svw.yaml): %w", err)
		}
		server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: w.handler}
		w.server = server
		w.group.Go(func() error {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("answer those who watch: %w", err)
			}
			return nil
		})
	}
	w.address = address
	if former == nil {
		return nil
	}
	if err := former.Close(); err != nil {
		return fmt.Errorf("stop answering those who watch: %w", err)
	}
	return nil
}
