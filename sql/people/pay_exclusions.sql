-- Grain: one reason for which one person is in no figure, or not in all, on one snapshot date.
-- Who is left out of the pay figures, and why. Payroll numbers are not here: keys stand for them.
with reason as (
    select
        people.body_code,
        people.snapshot_date,
        people.hr_person_key as person_key,
        unnest(people.exclusion_reasons) as exclusion_reason
    from stage.pay_people as people
)

select
    reason.body_code,
    reason.snapshot_date,
    reason.person_key,
    reason.exclusion_reason,
    reasons.figure_affected,
    reasons.reason_label
from reason
inner join ref.pay_exclusion_reasons as reasons
    on reason.exclusion_reason = reasons.exclusion_reason
group by
    reason.body_code, reason.snapshot_date, reason.person_key, reason.exclusion_reason,
    reasons.figure_affected, reasons.reason_label
