// Package notify takes messages to people: by mail, and to a web address as JSON. It imports internal/site only.
package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"socialvalue/internal/site"
)

// Message is something that people are told.
type Message struct {
	ID      string    `json:"id"` // the same when it is sent again
	Kind    string    `json:"kind"`
	Site    string    `json:"site"`
	Subject string    `json:"subject"`
	Body    string    `json:"body"`
	At      time.Time `json:"at"`
}

// Channel takes messages.
type Channel interface {
	Send(ctx context.Context, m Message) error
}

// The names of the channels.
const (
	ChannelEmail   = "email"
	ChannelWebhook = "webhook"
)

// Channels are those that a site has, by name. Environ looks an environment variable up.
func Channels(s *site.Site, environ func(string) (string, bool)) (map[string]Channel, error) {
	channels := map[string]Channel{}
	o := s.Operations
	if o.Email.Server != "" {
		e := Email{Email: o.Email}
		if o.Email.Password != "" {
			password, err := o.Email.Password.Read(s.Root, environ)
			if err != nil {
				return nil, fmt.Errorf("the password of the mail server: %w", err)
			}
			e.password = string(password)
		}
		channels[ChannelEmail] = e
	}
	if o.Webhook != "" {
		address, err := o.Webhook.Read(s.Root, environ)
		if err != nil {
			return nil, fmt.Errorf("the address of the webhook: %w", err)
		}
		channels[ChannelWebhook] = Webhook{URL: address}
	}
	return channels, nil
}

// timeout is how long a server may take.
const timeout = 30 * time.Second

// Email sends by mail.
type Email struct {
	site.Email

	TLS      *tls.Config // nil: what this machine trusts
	password string
}

// Send implements Channel.
func (e Email) Send(ctx context.Context, m Message) error {
	if err := e.send(ctx, m); err != nil {
		return fmt.Errorf("mail by %s: %w", e.Server, err)
	}
	return nil
}

func (e Email) send(ctx context.Context, m Message) error {
	host, port, err := net.SplitHostPort(e.Server)
	if err != nil {
		return fmt.Errorf("read its address: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return fmt.Errorf("read its port: %w", err)
	}
	message := mail.NewMsg()
	if err := errors.Join(message.From(e.From), message.To(e.To...)); err != nil {
		return fmt.Errorf("address the message: %w", err)
	}
	message.Subject(m.Subject)
	message.SetMessageIDWithValue(m.ID + "@svw")
	message.SetDateWithValue(m.At)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(mail.TypeTextPlain, m.Body)
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(timeout)}
	switch e.Security {
	case site.SecurityTLS:
		options = append(options, mail.WithSSL())
	case site.SecurityNone:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if e.User != "" {
		options = append(options, mail.WithUsername(e.User), mail.WithPassword(e.password), mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
	}
	if e.TLS != nil {
		options = append(options, mail.WithTLSConfig(e.TLS))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// Webhook sends JSON to a web address. The address may hold a secret and is in no error.
type Webhook struct{ URL string }

// Send implements Channel.
func (w Webhook) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("webhook: its address is no web address")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", m.ID)
	return ask(request, "webhook")
}

// Ping asks a web address, which sounds an alarm when nobody has for a while.
func Ping(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("ping: its address is no web address")
	}
	return ask(request, "ping")
}

func ask(request *http.Request, what string) error {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	client := &http.Client{Timeout: timeout, Transport: transport}
	response, err := client.Do(request)
	if err != nil {
		var where *url.Error // its text has the address
		if errors.As(err, &where) {
			err = where.Err
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s: the server answers %s", what, response.Status)
	}
	return nil
}
