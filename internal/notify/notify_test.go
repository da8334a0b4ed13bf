package notify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"socialvalue/internal/notify"
	"socialvalue/internal/site"
)

// post is a mail server on this machine.
type post struct {
	mu       sync.Mutex
	received []string // whole messages
	from, to string
	refuse   bool
	users    map[string]string // nil: everybody may send
}

type session struct {
	post  *post
	known bool
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.post.users[user] != password {
			return errors.New("who are you")
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.post.users != nil && !s.known {
		return smtp.ErrAuthRequired
	}
	s.post.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.post.to += to + " "
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.post.refuse {
		return &smtp.SMTPError{Code: 451, Message: "come back later"}
	}
	data, err := io.ReadAll(r)
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.received = append(s.post.received, string(data))
	return err
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// serve opens the mail server and returns its address.
func (p *post) serve(t *testing.T, config *tls.Config) string {
	t.Helper()
	server := smtp.NewServer(p)
	server.Domain, server.TLSConfig = "localhost", config
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// certificate is one that nobody but the test trusts.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

// sent is the message that is sent.
func sent() notify.Message {
	return notify.Message{ID: "7.1", Kind: "alert", Site: "Ours", Subject: "[Ours] nightly: 1 new – £", Body: "New:\n- a file, é\n.\nend\n", At: time.Date(2026, 3, 5, 2, 31, 0, 0, time.UTC)}
}

func TestMailArrives(t *testing.T) {
	t.Parallel()
	p := &post{}
	channel := notify.Email{Email: site.Email{Server: p.serve(t, nil), Security: site.SecurityNone, From: "svw@example.org", To: []string{"a@example.org", "b@example.org"}}}
	if err := channel.Send(t.Context(), sent()); err != nil {
		t.Fatal(err)
	}
	if len(p.received) != 1 || p.from != "svw@example.org" || p.to != "a@example.org b@example.org " {
		t.Fatalf("%+v", p)
	}
	message, err := mail.ReadMessage(strings.NewReader(p.received[0]))
	if err != nil {
		t.Fatal(err)
	}
	if id := message.Header.Get("Message-ID"); id != "<7.1@svw>" || message.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("headers: %v", message.Header)
	}
	if date, err := message.Header.Date(); err != nil || !date.Equal(sent().At) {
		t.Errorf("dated %s, %v", date, err)
	}
	if body, err := io.ReadAll(message.Body); err != nil || !strings.Contains(string(body), "- a file, =C3=A9") {
		t.Errorf("body: %s, %v", body, err)
	}
}

// A password goes over TLS alone, and a server that offers none is refused.
func TestMailOverTLS(t *testing.T) {
	t.Parallel()
	server, client := certificate(t)
	p := &post{users: map[string]string{"svw": "open sesame"}}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "smtp"), []byte("open sesame\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	send := func(address, user string, config *tls.Config) error {
		s := &site.Site{Root: root, Operations: site.Operations{Email: site.Email{
			Server: address, Security: site.SecurityStartTLS, User: user, Password: "file:smtp", From: "svw@example.org", To: []string{"a@example.org"},
		}}}
		channels, err := notify.Channels(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		email, ok := channels[notify.ChannelEmail].(notify.Email)
		if !ok {
			t.Fatal("no mail")
		}
		email.TLS = config
		return email.Send(t.Context(), sent())
	}
	address := p.serve(t, server)
	if err := send(address, "svw", client); err != nil || len(p.received) != 1 {
		t.Errorf("%v, %d received", err, len(p.received))
	}
	for name, err := range map[string]error{
		"a stranger": send(address, "other", client), "nobody vouches for it": send(address, "svw", nil), "no TLS": send((&post{}).serve(t, nil), "svw", client),
	} {
		if err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(p.received) != 1 {
		t.Errorf("%d received", len(p.received))
	}
}

func TestMailThatIsRefused(t *testing.T) {
	t.Parallel()
	p := &post{refuse: true}
	channel := notify.Email{Email: site.Email{Server: p.serve(t, nil), Security: site.SecurityNone, From: "svw@example.org", To: []string{"a@example.org"}}}
	if err := channel.Send(t.Context(), sent()); err == nil || !strings.Contains(err.Error(), "come back later") {
		t.Errorf("%v", err)
	}
}

func TestWebhookAndPing(t *testing.T) {
	t.Parallel()
	var got notify.Message
	var asked []string
	code := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Idempotency-Key"))
		_ = json.NewDecoder(r.Body).Decode(&got)
		w.WriteHeader(code)
	}))
	t.Cleanup(server.Close)
	hook := notify.Webhook{URL: server.URL + "/secret-token"}
	if err := hook.Send(t.Context(), sent()); err != nil || got != sent() {
		t.Errorf("%v, %+v", err, got)
	}
	if err := notify.Ping(t.Context(), server.URL+"/secret-token"); err != nil {
		t.Error(err)
	}
	if len(asked) != 2 || asked[0] != "POST /secret-token 7.1" || asked[1] != "GET /secret-token " {
		t.Errorf("%q", asked)
	}
	code = http.StatusInternalServerError
	for _, err := range []error{hook.Send(t.Context(), sent()), notify.Ping(t.Context(), "http://127.0.0.1:1/secret-token"), notify.Ping(t.Context(), "::secret-token")} {
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v", err)
		}
	}
}
