-- Grain: one indicator of one financial year and kind of agreement.
-- IN05: of the outputs of announced grants and investments that were due by the last day of the year,
-- those evidenced in full in a period until then. Outputs are counted and not added up: apprentices
-- and hours have no sum.
with due as (
    select
        years.financial_year,
        deliverable.agreement_kind,
        coalesce(
            last(
                deliverable.evidenced >= deliverable.committed
                order by deliverable.reported_date, deliverable.monitoring_period
            ) filter (
                where
                deliverable.monitoring_period <> 'none'
                and left(deliverable.monitoring_period, length(years.financial_year)) <= years.financial_year
            ),
            false
        ) as is_evidenced
    from impact.deliverables as deliverable
    inner join stage.indicator_years as years on deliverable.due_date <= years.last_date
    where deliverable.is_announced and deliverable.agreement_kind in ('grant', 'investment')
    group by
        years.financial_year, deliverable.agreement_kind, deliverable.agreement_ref, deliverable.deliverable_ref
),

-- Two lists: without any report nothing can be said of what was due.
supplied as (
    select coalesce(bool_or(deliverable.monitoring_period <> 'none'), false) as is_supplied
    from impact.deliverables as deliverable
    where deliverable.is_announced
),

counted as (
    select
        due.financial_year,
        if(grouping(due.agreement_kind) = 1, 'all', due.agreement_kind) as agreement_kind,
        count(*) filter (where due.is_evidenced) as evidenced,
        count(*) as outputs
    from due
    group by grouping sets ((due.financial_year, due.agreement_kind), (due.financial_year))
)

select
    'IN05' as indicator_id,
    counted.financial_year,
    if(counted.agreement_kind = 'all', 'all', 'agreement_kind') as breakdown,
    counted.agreement_kind as breakdown_value,
    if(counted.agreement_kind = 'all', 'All', counted.agreement_kind) as breakdown_label,
    case when supplied.is_supplied then share(counted.evidenced, counted.outputs) end as measured_value,
    case when supplied.is_supplied then cast(counted.evidenced as double) end as numerator,
    case when supplied.is_supplied then cast(counted.outputs as double) end as denominator,
    case when not supplied.is_supplied then 'not_supplied' end as null_reason
from counted
cross join supplied
