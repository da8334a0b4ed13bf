-- Day of a date in a notice, in the zone of the site; null when it cannot be read. A date without a
-- zone is taken as UTC.
-- Example: notice_date('2024-06-01T00:00:00+01:00', 'Europe/London') = date '2024-06-01'.
create macro notice_date(published, zone) as
    cast(timezone(zone, try_cast(published as timestamptz)) as date)
