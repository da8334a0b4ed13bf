-- Whether the clock of a machine was wrong, as far as the message itself tells: one of the two noughts of
-- ITSO's clocks, or later than the message was received, by more than an hour.
-- Rule: methods A7; the hour is decided, since clocks of back offices run on summer time or not.
-- Example: travel_clock_is_wrong(timestamp '1997-01-01 00:00', timestamp '2024-04-09 10:00').
create macro travel_clock_is_wrong(event_local, received_at) as
    event_local = timestamp '1997-01-01 00:00:00'
    or event_local = timestamp '2028-11-24 20:16:00'
    or coalesce(event_local > received_at + interval 1 hour, false)
