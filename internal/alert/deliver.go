package alert

import (
	"context"
	"errors"
	"fmt"
	"time"

	"socialvalue/internal/notify"
	"socialvalue/internal/state"
)

// Deliver sends what waits and is due. A message that cannot be sent waits longer each time, an hour at most, and those after
// it on the same way until the next call. One that was sent and cannot be noted as sent is not sent again by this process. It
// is called by one goroutine.
func (d *Desk) Deliver(ctx context.Context) error {
	waiting, err := d.DB.Unsent(ctx)
	if err != nil {
		return err
	}
	var unsent, unnoted []error
	down := map[string]bool{} // a server that hangs is waited for once
	for _, m := range waiting {
		if before, ok := d.unmarked[m.ID]; ok {
			if m = before; !m.Sent.IsZero() {
				unnoted = append(unnoted, d.mark(ctx, m))
				continue
			}
		}
		channel, ok := d.Settings.Channels()[m.Channel]
		if !ok {
			m.Sent, m.Error = d.Now(), "svw.yaml has this channel no more"
			unnoted = append(unnoted, d.mark(ctx, m))
			continue
		}
		if m.NotBefore.After(d.Now()) || down[m.Channel] {
			continue
		}
		m.Attempts++
		err := channel.Send(ctx, d.addressed(m))
		m.Sent, m.Error = d.Now(), ""
		if err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("deliver messages: %w", ctx.Err())
			}
			m.Sent, m.Error = time.Time{}, err.Error()
			m.NotBefore = d.Now().Add(min(time.Hour, time.Minute<<min(m.Attempts-1, 6)))
			unsent, down[m.Channel] = append(unsent, err), true
		}
		unnoted = append(unnoted, d.mark(ctx, m))
	}
	if err = errors.Join(unsent...); err != nil {
		err = fmt.Errorf("messages could not be sent and wait until the scheduler tries again: %w", err)
	}
	if noting := errors.Join(unnoted...); noting != nil {
		err = errors.Join(err, fmt.Errorf("what became of messages could not be noted, and is noted later: %w", noting))
	}
	return err
}

// addressed is a message as its channel sends it.
func (d *Desk) addressed(m state.Message) notify.Message {
	return notify.Message{
		ID: fmt.Sprintf("%d.%d", m.ID, m.Created.UnixMicro()), Kind: m.Kind, Site: d.Settings.Site().Name, Subject: m.Subject, Body: m.Body, At: m.Created,
	}
}

// mark notes what became of a message, or remembers that until it can be noted.
func (d *Desk) mark(ctx context.Context, m state.Message) error {
	err := d.DB.MarkMessage(ctx, m)
	if err == nil {
		delete(d.unmarked, m.ID)
		return nil
	}
	if d.unmarked == nil {
		d.unmarked = map[int64]state.Message{}
	}
	d.unmarked[m.ID] = m
	return err
}
