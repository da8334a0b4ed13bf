-- Grain: one calendar day.
-- What the clock says of a day in the site's time zone: whether it is a working day, how far local time is
-- from UTC, and which local minutes there are twice or not at all.
with hours as (
    select
        days.calendar_date,
        unnest(range(0, 24)) as utc_hour
    from (
        select cast(unnest(range(
            cast(calendar_range.first_date as timestamp),
            cast(calendar_range.last_date + 1 as timestamp),
            interval 1 day
        )) as date) as calendar_date
        from ref.calendar_range as calendar_range
    ) as days
),

offsets as (
    select
        hours.calendar_date,
        hours.utc_hour,
        cast(
            date_diff(
                'minute',
                cast(hours.calendar_date as timestamp) + to_hours(hours.utc_hour),
                timezone(
                    settings.time_zone,
                    timezone('UTC', cast(hours.calendar_date as timestamp) + to_hours(hours.utc_hour))
                )
            ) as integer
        ) as offset_minutes
    from hours
    cross join site.settings as settings
),

stepped as (
    select
        offsets.calendar_date,
        offsets.utc_hour,
        offsets.offset_minutes,
        lag(offsets.offset_minutes) over (order by offsets.calendar_date, offsets.utc_hour)
            as offset_before
    from offsets
),

changes as (
    select
        stepped.calendar_date,
        max(stepped.utc_hour * 60 + least(stepped.offset_minutes, stepped.offset_before))
            as odd_from_minute,
        max(stepped.utc_hour * 60 + greatest(stepped.offset_minutes, stepped.offset_before))
            as odd_until_minute,
        max(stepped.offset_minutes) > max(stepped.offset_before) as springs_forward
    from stepped
    where stepped.offset_minutes <> stepped.offset_before
    group by stepped.calendar_date
),

edges as (
    select
        stepped.calendar_date,
        max(stepped.offset_minutes) filter (where stepped.utc_hour = 0) as first_offset,
        max(stepped.offset_minutes) filter (where stepped.utc_hour = 23) as last_offset
    from stepped
    group by stepped.calendar_date
)

select
    edges.calendar_date,
    isodow(edges.calendar_date) < 6 and bank_holiday.holiday_date is null as is_working_day,
    edges.first_offset as offset_before_change,
    edges.last_offset as offset_after_change,
    changes.odd_from_minute,
    changes.odd_until_minute,
    case
        when changes.springs_forward then 'nonexistent'
        when changes.calendar_date is not null then 'ambiguous'
    end as odd_status
from edges
left join changes
    on edges.calendar_date = changes.calendar_date
left join ref.bank_holiday as bank_holiday
    on edges.calendar_date = bank_holiday.holiday_date
