-- Day under which a boarding is kept: its day of service, or where the clock was wrong the day of service
-- on which it was received, or else the day of its file. It is never null.
-- Example: travel_record_day(timestamp '1997-01-01 00:00', timestamp '2024-04-09 10:00', date '2024-04-10')
-- = date '2024-04-09'.
create macro travel_record_day(event_local, received_at, file_day) as
    case
        when not travel_clock_is_wrong(event_local, received_at) then travel_service_day(event_local)
        when received_at is not null then travel_service_day(received_at)
        else file_day
    end
