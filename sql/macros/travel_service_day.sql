-- Day of service of a local time: it runs from 04:00 to 03:59. Rule: methods A5.
-- Example: travel_service_day(timestamp '2024-04-10 00:20') = date '2024-04-09'.
create macro travel_service_day(event_local) as
    cast(event_local - interval 4 hours as date)
