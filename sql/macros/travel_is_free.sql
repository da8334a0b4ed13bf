-- Whether a pass is free at a local time, from the minutes of the day between which it is not: from
-- morning_from to before morning_until, and after evening_after (null: never). On bank holidays and at
-- weekends it always is.
-- Rule: methods A1; half past nine and eleven o'clock themselves are free.
-- Example: not travel_is_free(timestamp '2022-05-03 09:29', true, 0, 570, 1380).
create macro travel_is_free(event_local, is_working_day, morning_from, morning_until, evening_after) as
    not coalesce(is_working_day, true)
    or not (
        coalesce(
            hour(event_local) * 60 + minute(event_local) >= morning_from
            and hour(event_local) * 60 + minute(event_local) < morning_until,
            false
        )
        or coalesce(hour(event_local) * 60 + minute(event_local) > evening_after, false)
    )
