package site_test

import (
	"strings"
	"testing"
	"time"

	"socialvalue/internal/site"
)

func operations(t *testing.T, text string) (*site.Site, error) {
	t.Helper()
	return site.Parse("/srv/x", "svw.yaml", []byte("name: X\nversion: 1\nbodies: [{code: us, name: Us}]\narea: {name: Here, lad_codes: [E08000012]}\noperations: "+text+"\n"))
}

func TestOperations(t *testing.T) {
	t.Parallel()
	s, err := operations(t, "{listen: '127.0.0.1:9464', webhook: 'https://example.org/x', ping: 'file:keys/ping', "+
		"email: {server: 'smtp.example.org:587', user: svw, password: 'env:SMTP', from: svw@example.org, to: [a@example.org]}}")
	if err != nil {
		t.Fatal(err)
	}
	if o := s.Operations; o.Listen != "127.0.0.1:9464" || o.Email.Security != site.SecurityStartTLS || o.Email.Password != "env:SMTP" || len(o.Email.To) != 1 {
		t.Errorf("%+v", o)
	}
	if address, err := s.Operations.Webhook.Read(s.Root, nil); err != nil || address != "https://example.org/x" {
		t.Errorf("%s, %v", address, err)
	}
	if _, err := s.Operations.Ping.Read(s.Root, nil); err == nil {
		t.Error("a file that is not there was read")
	}
	if s, err := operations(t, "{}"); err != nil || s.Operations.Email.Server != "" || s.Operations.Keep != 400*24*time.Hour {
		t.Errorf("%v", err)
	}
	if s, err := operations(t, "{keep_days: 90}"); err != nil || s.Operations.Keep != 90*24*time.Hour {
		t.Errorf("%v", err)
	}
}

func TestMistakesOfOperations(t *testing.T) {
	t.Parallel()
	mail := func(text string) string { return "{email: {" + text + "}}" }
	for name, tc := range map[string]struct{ text, want string }{
		"open to all":      {"{listen: '0.0.0.0:9464'}", "listen is an address of this machine alone"},
		"no port":          {"{listen: localhost}", "listen is an address of this machine alone"},
		"plain webhook":    {"{webhook: 'http://example.org/secret'}", "http is for this machine alone"},
		"password in it":   {"{ping: 'https://a:secret@example.org/'}", "is a secret"},
		"no address":       {"{webhook: secret}", "write https://"},
		"no server":        {mail("to: [a@example.org]"), "server is missing"},
		"server":           {mail("server: smtp, from: a@example.org, to: [a@example.org]"), "server is host and port"},
		"no TLS elsewhere": {mail("server: 'smtp.example.org:25', security: none, from: a@example.org, to: [a@example.org]"), "on this machine alone"},
		"security":         {mail("server: 'smtp.example.org:25', security: ssl, from: a@example.org, to: [a@example.org]"), "security is starttls, tls or none"},
		"password inline":  {mail("server: 'smtp.example.org:25', user: x, password: secret, from: a@example.org, to: [a@example.org]"), "a secret is never written here"},
		"user alone":       {mail("server: 'smtp.example.org:25', user: x, from: a@example.org, to: [a@example.org]"), "user and password go together"},
		"from":             {mail("server: 'smtp.example.org:25', from: me, to: [a@example.org]"), "from is the address"},
		"to":               {mail("server: 'smtp.example.org:25', from: a@example.org"), "to is missing"},
		"kept a week":      {"{keep_days: 7}", "keep_days is how many days what runs did is kept, 31 to 36500"},
		"to nobody":        {mail("server: 'smtp.example.org:25', from: a@example.org, to: [me]"), "no address of mail"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := operations(t, tc.text)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "svw.yaml:5:") {
				t.Fatalf("%v, want %q", err, tc.want)
			}
			if strings.Contains(strings.ReplaceAll(err.Error(), "a secret", ""), "secret@") || strings.Contains(err.Error(), "/secret") {
				t.Errorf("a secret is told: %v", err)
			}
		})
	}
}
