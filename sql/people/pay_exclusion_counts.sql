-- Grain: one reason of one body on one snapshot date.
-- How many people are in no pay figure, or not in the hourly ones, for each reason, also where there
-- is nobody. Reasons that speak of sex alone are told by people.workforce_profile.
with snapshots as (
    select
        people.body_code,
        people.snapshot_date
    from stage.pay_people as people
    group by people.body_code, people.snapshot_date
)

select
    snapshots.body_code,
    snapshots.snapshot_date,
    reasons.exclusion_reason,
    reasons.figure_affected,
    reasons.reason_label,
    count(exclusions.person_key) as people_rounded,
    false as suppressed,
    cast(null as varchar) as null_reason
from snapshots
inner join ref.pay_exclusion_reasons as reasons
    on reasons.figure_affected in ('all', 'hourly')
left join people.pay_exclusions as exclusions
    on
        snapshots.body_code = exclusions.body_code
        and snapshots.snapshot_date = exclusions.snapshot_date
        and reasons.exclusion_reason = exclusions.exclusion_reason
group by
    snapshots.body_code, snapshots.snapshot_date, reasons.exclusion_reason,
    reasons.figure_affected, reasons.reason_label
