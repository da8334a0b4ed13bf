package state

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// Alert is something that is wrong at present.
type Alert struct {
	Cause    string // identifies it
	Scope    string // what must be looked at to know whether it is over
	Text     string
	Since    time.Time
	LastSeen time.Time
	Seen     int64
}

// Message is something that people are told by one channel.
type Message struct {
	ID        int64
	Channel   string
	Kind      string
	Subject   string
	Body      string
	Created   time.Time
	NotBefore time.Time
	Attempts  int
	Sent      time.Time // zero: not yet
	Error     string    // of the last attempt
}

// UpdateAlerts takes up what is wrong in the scopes that were looked at: causes that are new, and those that are over, go to
// compose, and what it returns is kept with them to be sent. All of it happens or none.
func (d *DB) UpdateAlerts(ctx context.Context, now time.Time, scopes []string, causes []Alert, compose func(fresh, over []Alert) []Message) error {
	err := d.within(ctx, func(tx *sql.Tx) error {
		known, err := queryAlerts(ctx, tx)
		if err != nil {
			return err
		}
		var fresh, over []Alert
		for _, c := range causes {
			i := slices.IndexFunc(known, func(k Alert) bool { return k.Cause == c.Cause })
			if i >= 0 {
				_, err := tx.ExecContext(ctx, "update alerts set text = ?, last_seen = ?, seen = seen + 1 where cause = ?", c.Text, formatTime(now), c.Cause)
				if err != nil {
					return fmt.Errorf("see %s again: %w", c.Cause, err)
				}
				continue
			}
			c.Since, c.LastSeen, c.Seen = now, now, 1
			if slices.ContainsFunc(fresh, func(f Alert) bool { return f.Cause == c.Cause }) {
				continue
			}
			_, err := tx.ExecContext(ctx, "insert into alerts (cause, scope, text, since, last_seen, seen) values (?, ?, ?, ?, ?, 1)",
				c.Cause, c.Scope, c.Text, formatTime(now), formatTime(now))
			if err != nil {
				return fmt.Errorf("raise %s: %w", c.Cause, err)
			}
			fresh = append(fresh, c)
		}
		for _, k := range known {
			if !slices.Contains(scopes, k.Scope) || slices.ContainsFunc(causes, func(c Alert) bool { return c.Cause == k.Cause }) {
				continue
			}
			if _, err := tx.ExecContext(ctx, "delete from alerts where cause = ?", k.Cause); err != nil {
				return fmt.Errorf("end %s: %w", k.Cause, err)
			}
			over = append(over, k)
		}
		if len(fresh)+len(over) == 0 {
			return nil
		}
		return insertMessages(ctx, tx, compose(fresh, over))
	})
	if err != nil {
		return fmt.Errorf("update alerts: %w", err)
	}
	return nil
}

// Alerts lists what is wrong at present, the longest first.
func (d *DB) Alerts(ctx context.Context) ([]Alert, error) {
	list, err := queryAlerts(ctx, d.db)
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	return list, nil
}

func queryAlerts(ctx context.Context, q querier) ([]Alert, error) {
	return collect(ctx, q, func(rows *sql.Rows) (Alert, error) {
		var a Alert
		var since, last sql.NullString
		err := rows.Scan(&a.Cause, &a.Scope, &a.Text, &since, &last, &a.Seen)
		if err == nil {
			a.Since, err = parseTime(since)
		}
		if err == nil {
			a.LastSeen, err = parseTime(last)
		}
		return a, err
	}, "select cause, scope, text, since, last_seen, seen from alerts order by since, cause")
}

// PutMessages keeps messages to be sent.
func (d *DB) PutMessages(ctx context.Context, messages []Message) error {
	if err := d.within(ctx, func(tx *sql.Tx) error { return insertMessages(ctx, tx, messages) }); err != nil {
		return fmt.Errorf("keep messages: %w", err)
	}
	return nil
}

func insertMessages(ctx context.Context, tx *sql.Tx, messages []Message) error {
	for _, m := range messages {
		_, err := tx.ExecContext(ctx, "insert into messages (channel, kind, subject, body, created_at, not_before, attempts, error) values (?, ?, ?, ?, ?, ?, 0, '')",
			m.Channel, m.Kind, m.Subject, m.Body, formatTime(m.Created), formatTime(m.Created))
		if err != nil {
			return fmt.Errorf("keep a message: %w", err)
		}
	}
	return nil
}

// Unsent lists the messages that wait to be sent, the oldest first.
func (d *DB) Unsent(ctx context.Context) ([]Message, error) {
	list, err := collect(ctx, d.db, func(rows *sql.Rows) (Message, error) {
		var m Message
		var created, notBefore sql.NullString
		err := rows.Scan(&m.ID, &m.Channel, &m.Kind, &m.Subject, &m.Body, &created, &notBefore, &m.Attempts, &m.Error)
		if err == nil {
			m.Created, err = parseTime(created)
		}
		if err == nil {
			m.NotBefore, err = parseTime(notBefore)
		}
		return m, err
	}, "select id, channel, kind, subject, body, created_at, not_before, attempts, error from messages where sent_at is null order by id")
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return list, nil
}

// MarkMessage keeps what came of sending a message: its Sent, Error, Attempts and NotBefore.
func (d *DB) MarkMessage(ctx context.Context, m Message) error {
	_, err := d.db.ExecContext(ctx, "update messages set sent_at = ?, error = ?, attempts = ?, not_before = ? where id = ?",
		formatTime(m.Sent), m.Error, m.Attempts, formatTime(m.NotBefore), m.ID)
	if err != nil {
		return fmt.Errorf("mark message %d: %w", m.ID, err)
	}
	return nil
}
