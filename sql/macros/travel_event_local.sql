-- Local time of a boarding as received: the export's own, or that of its DTS.
-- Example: travel_event_local(null, '0xCA9E5A') = timestamp '2022-04-01 09:30'.
create macro travel_event_local(event_local, event_dts) as
    coalesce(event_local, itso_time(event_dts))
