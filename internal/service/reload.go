package service

import (
	"fmt"
	"reflect"
	"strings"

	"socialvalue/internal/inspect"
	"socialvalue/internal/notify"
	"socialvalue/internal/schedule"
	"socialvalue/internal/site"
)

// reload takes svw.yaml and the schedules as their files are now, and says what changed besides the schedules. With a
// mistake in any of them all stays as it was.
func (s *Service) reload() (jobs []schedule.Schedule, changes []string, err error) {
	before := *s.env.Load()
	after := before
	if after.Site, after.Files, err = s.options.Read(); err != nil {
		return nil, nil, err
	}
	if was, is := before.Site.Warehouse, after.Site.Warehouse; was != is {
		return nil, nil, fmt.Errorf("svw.yaml: warehouse was %s and is %s: the scheduler cannot move while it works; stop it, and start it again", was.Root, is.Root)
	}
	if jobs, err = inspect.Schedules(after); err != nil {
		return nil, nil, err
	}
	channels, err := notify.Channels(after.Site, s.options.Lookup)
	if err != nil {
		return nil, nil, fmt.Errorf("svw.yaml: %w", err)
	}
	if s.watched != nil {
		if err := s.watched.move(after.Site.Operations.Listen); err != nil {
			return nil, nil, err
		}
	}
	changes = siteChanges(before.Site, after.Site)
	former := s.desk.Settings.Put(after.Site, channels)
	if len(changes) == 0 && !reflect.DeepEqual(former, channels) {
		changes = append(changes, "svw.yaml: operations: a password or an address that is kept elsewhere has changed")
	}
	s.env.Store(&after)
	s.jobs.Store(&jobs)
	return jobs, changes, nil
}

// siteChanges says what of svw.yaml changed that the scheduler itself goes by. Addresses may be secrets and are not told.
func siteChanges(before, after *site.Site) []string {
	var changes []string
	add := func(key string, was, is any) {
		if !reflect.DeepEqual(was, is) {
			changes = append(changes, fmt.Sprintf("svw.yaml: %s was %s and is %s", key, shown(was), shown(is)))
		}
	}
	secret := func(key string, was, is site.Address) {
		switch {
		case was == is:
		case is == "":
			changes = append(changes, "svw.yaml: "+key+" is no more")
		default:
			changes = append(changes, "svw.yaml: "+key+" is another")
		}
	}
	a, b := before.Operations, after.Operations
	add("name", before.Name, after.Name)
	add("time_zone", before.Location.String(), after.Location.String())
	add("operations.listen", a.Listen, b.Listen)
	add("operations.email.server", a.Email.Server, b.Email.Server)
	add("operations.email.security", a.Email.Security, b.Email.Security)
	add("operations.email.user", a.Email.User, b.Email.User)
	add("operations.email.password", string(a.Email.Password), string(b.Email.Password)) // where it is kept
	add("operations.email.from", a.Email.From, b.Email.From)
	add("operations.email.to", strings.Join(a.Email.To, ", "), strings.Join(b.Email.To, ", "))
	secret("operations.webhook", a.Webhook, b.Webhook)
	secret("operations.ping", a.Ping, b.Ping)
	add("operations.keep_days", a.Keep, b.Keep)
	return changes
}

func shown(value any) string {
	if text := fmt.Sprint(value); text != "" {
		return text
	}
	return "nothing"
}
