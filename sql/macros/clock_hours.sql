-- Hours from a text like 36:15, null of anything else.
-- Example: clock_hours('36:15') = 36.25.
create macro clock_hours(clock) as
    case
        when regexp_full_match(clock, '\d{1,3}:[0-5]\d')
            then cast(split_part(clock, ':', 1) as double)
                + cast(split_part(clock, ':', 2) as double) / 60
    end
