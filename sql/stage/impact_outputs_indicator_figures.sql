-- Grain: one indicator of one financial year and kind of agreement.
-- IN05: of the outputs of announced grants and investments that were due by the last day of the year,
-- those evidenced in full in a period until then. Outputs are counted and not added up: apprentices
-- and hours have no sum. Where no reports of the kind of agreement came of the year it is not known what
-- was evidenced: then the bounds stand.
with due as (
    select
        years.financial_year,
        deliverable.submission,
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
        years.financial_year, deliverable.submission, deliverable.agreement_kind, deliverable.agreement_ref,
        deliverable.deliverable_ref
),

known as (
    select
        due.financial_year,
        due.agreement_kind,
        case when due.is_evidenced then true when supplies.submission is not null then false end
            as is_evidenced
    from due
    left join stage.report_supplies as supplies
        on
            due.submission = supplies.submission
            and due.agreement_kind = supplies.agreement_kind
            and due.financial_year = supplies.financial_year
),

counted as (
    select
        known.financial_year,
        if(grouping(known.agreement_kind) = 1, 'all', known.agreement_kind) as agreement_kind,
        count(*) filter (where known.is_evidenced) as evidenced,
        count(*) as outputs,
        count(*) filter (where known.is_evidenced is null) as unknown
    from known
    group by grouping sets ((known.financial_year, known.agreement_kind), (known.financial_year))
    union all
    -- Years by whose end nothing was due, of those who list what is.
    select
        years.financial_year,
        'all' as agreement_kind,
        0 as evidenced,
        0 as outputs,
        0 as unknown
    from stage.indicator_years as years
    where
        exists (
            select 1
            from impact.deliverables as deliverable
            where deliverable.is_announced and deliverable.agreement_kind in ('grant', 'investment')
        )
        and not exists (select 1 from due where due.financial_year = years.financial_year)
)

select
    'IN05' as indicator_id,
    counted.financial_year,
    if(counted.agreement_kind = 'all', 'all', 'agreement_kind') as breakdown,
    counted.agreement_kind as breakdown_value,
    if(counted.agreement_kind = 'all', 'All', counted.agreement_kind) as breakdown_label,
    case when counted.unknown = 0 then share(counted.evidenced, counted.outputs) end as measured_value,
    case when counted.unknown = 0 and counted.outputs > 0 then cast(counted.evidenced as double) end as numerator,
    case when counted.unknown = 0 and counted.outputs > 0 then cast(counted.outputs as double) end as denominator,
    case when counted.unknown between 1 and counted.outputs - 1 then share(counted.evidenced, counted.outputs) end
        as bound_low,
    case
        when counted.unknown between 1 and counted.outputs - 1
            then share(counted.evidenced + counted.unknown, counted.outputs)
    end as bound_high,
    case
        when counted.outputs = 0 then 'nothing_due'
        when counted.unknown = counted.outputs then 'not_supplied'
        when counted.unknown > 0 then 'partly_supplied'
    end as null_reason
from counted
