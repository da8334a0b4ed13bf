package site

import (
	"net"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"socialvalue/internal/strictyaml"
)

// Operations says how the scheduler is watched, and whom it tells what.
type Operations struct {
	Listen  string // address on this machine for health and metrics; empty: none
	Email   Email
	Webhook Address       // gets each message as JSON; empty: none
	Ping    Address       // is asked while all is well, see svw schedule check; empty: none
	Keep    time.Duration // how long is kept what runs did, occurrences that are settled, and messages that were sent
}

// Email is how messages are sent by mail.
type Email struct {
	Server   string // host:port; empty: no mail
	Security string // starttls, tls, or none on this machine alone
	User     string
	Password Secret
	From     string
	To       []string
}

// Address is a web address, or where one is kept that is a secret: env:NAME or file:path.
type Address string

// The securities of a mail server.
const (
	SecurityStartTLS = "starttls"
	SecurityTLS      = "tls"
	SecurityNone     = "none"
)

type operationsFile struct {
	Listen  string    `yaml:"listen"`
	Email   emailFile `yaml:"email"`
	Webhook string    `yaml:"webhook"`
	Ping    string    `yaml:"ping"`
	Keep    *int      `yaml:"keep_days"`
}

// The days for which the past is kept: a year of nights and the comparison with the one before. Fewer than a month would
// take from the weekly digest and from whoever comes back from a holiday.
const (
	usualKeepDays = 400
	leastKeepDays = 31
	mostKeepDays  = 36500
)

type emailFile struct {
	Server   string   `yaml:"server"`
	Security string   `yaml:"security"`
	User     string   `yaml:"user"`
	Password string   `yaml:"password"`
	From     string   `yaml:"from"`
	To       []string `yaml:"to"`
}

func (f operationsFile) operations(at strictyaml.Spot) Operations {
	o := Operations{Listen: f.Listen, Webhook: Address(f.Webhook), Ping: Address(f.Ping), Keep: usualKeepDays * 24 * time.Hour}
	if f.Keep != nil {
		if *f.Keep < leastKeepDays || *f.Keep > mostKeepDays {
			at.At("keep_days").Report("keep_days is how many days what runs did is kept, %d to %d", leastKeepDays, mostKeepDays)
		}
		o.Keep = time.Duration(*f.Keep) * 24 * time.Hour
	}
	if f.Listen != "" && !loopback(f.Listen) {
		at.At("listen").Report("listen is an address of this machine alone, as 127.0.0.1:9464: whoever can ask it learns names of sources")
	}
	for _, key := range []struct{ name, value string }{{"webhook", f.Webhook}, {"ping", f.Ping}} {
		if key.value == "" {
			continue
		}
		if err := Address(key.value).check(); err != "" {
			at.At(key.name).Report("%s: %s", key.name, err)
		}
	}
	o.Email = f.Email.email(at.At("email"))
	return o
}

func (f emailFile) email(at strictyaml.Spot) Email {
	e := Email{Server: f.Server, Security: f.Security, User: f.User, From: f.From, To: f.To}
	if f.Server == "" {
		if len(f.To) > 0 || f.From != "" {
			at.Report("server is missing: host and port of the mail server, as smtp.example.org:587")
		}
		return e
	}
	if e.Security == "" {
		e.Security = SecurityStartTLS
	}
	if host, port, err := net.SplitHostPort(f.Server); err != nil || host == "" || port == "" {
		at.At("server").Report("server is host and port of the mail server, as smtp.example.org:587")
	}
	switch e.Security {
	case SecurityStartTLS, SecurityTLS:
	case SecurityNone:
		if !loopback(f.Server) {
			at.At("security").Report("security: none is for a mail server on this machine alone: use starttls or tls")
		}
	default:
		at.At("security").Report("security is starttls, tls or none")
	}
	if f.Password != "" {
		secret, err := parseSecret(f.Password)
		if err != nil {
			at.At("password").Report("password: %s", err)
		}
		e.Password = secret
	}
	if (f.User == "") != (f.Password == "") {
		at.Report("user and password go together")
	}
	if _, err := mail.ParseAddress(f.From); err != nil {
		at.At("from").Report("from is the address that mail comes from, as svw@example.org")
	}
	if len(f.To) == 0 {
		at.Report("to is missing: the addresses that are told, as to: [data@example.org]")
	}
	for i, to := range f.To {
		if _, err := mail.ParseAddress(to); err != nil {
			at.At("to", i).Report("this is no address of mail, as data@example.org")
		}
	}
	return e
}

// loopback says whether an address is one of this machine alone.
func loopback(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// check says what is wrong with an address, without quoting it.
func (a Address) check() string {
	if _, err := parseSecret(string(a)); err == nil {
		return ""
	}
	u, err := url.Parse(string(a))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "write https://…, or where the address is kept: file:PATH or env:NAME"
	case u.User != nil:
		return "an address with a password is a secret: keep it in a file and write file:PATH"
	case u.Scheme == "http" && u.Hostname() != "localhost" && (net.ParseIP(u.Hostname()) == nil || !net.ParseIP(u.Hostname()).IsLoopback()):
		return "http is for this machine alone: write https://…"
	}
	return ""
}

// Read gives the address itself.
func (a Address) Read(root string, env func(name string) (string, bool)) (string, error) {
	if a == "" || strings.HasPrefix(string(a), "http://") || strings.HasPrefix(string(a), "https://") {
		return string(a), nil
	}
	text, err := Secret(a).Read(root, env)
	return string(text), err
}
