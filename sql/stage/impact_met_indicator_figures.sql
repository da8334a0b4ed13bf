-- Grain: one indicator of one financial year and kind of agreement.
-- CO10: of the deliverables of announced agreements that were due by the last day of the year, in it or
-- before, those whose last report of a period until then shows evidence for all that was committed. Of
-- what was not met before it is not known whether it was in a year that nobody sent reports of.
with due as (
    select
        years.financial_year,
        deliverable.submission,
        deliverable.agreement_kind,
        coalesce(
            last(
                coalesce(deliverable.evidenced >= deliverable.committed, false)
                order by deliverable.reported_date nulls first, deliverable.monitoring_period
            ) filter (
                where
                deliverable.monitored
                and split_part(deliverable.monitoring_period, ' ', 1) <= years.financial_year
            ),
            false
        ) as is_met
    from impact.deliverables as deliverable
    inner join stage.indicator_years as years on deliverable.due_date <= years.last_date
    where deliverable.is_announced
    group by
        years.financial_year, deliverable.submission, deliverable.agreement_kind, deliverable.agreement_ref,
        deliverable.deliverable_ref
),

known as (
    select
        due.financial_year,
        due.agreement_kind,
        case when due.is_met then true when supplies.submission is not null then false end as is_met
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
        count(*) filter (where known.is_met) as met,
        count(*) as deliverables,
        count(*) filter (where known.is_met is null) as unknown
    from known
    group by grouping sets ((known.financial_year, known.agreement_kind), (known.financial_year))
    union all
    -- Years by whose end nothing was due, of those who list what is.
    select
        years.financial_year,
        'all' as agreement_kind,
        0 as met,
        0 as deliverables,
        0 as unknown
    from stage.indicator_years as years
    where
        exists (select 1 from impact.deliverables as deliverable where deliverable.is_announced)
        and not exists (select 1 from due where due.financial_year = years.financial_year)
)

select
    'CO10' as indicator_id,
    counted.financial_year,
    if(counted.agreement_kind = 'all', 'all', 'agreement_kind') as breakdown,
    counted.agreement_kind as breakdown_value,
    if(counted.agreement_kind = 'all', 'All', counted.agreement_kind) as breakdown_label,
    keeper.keepers as figure_basis,
    case when counted.unknown = 0 then share(counted.met, counted.deliverables) end as measured_value,
    case when counted.unknown = 0 and counted.deliverables > 0 then cast(counted.met as double) end as numerator,
    case when counted.unknown = 0 and counted.deliverables > 0 then cast(counted.deliverables as double) end
        as denominator,
    case when counted.unknown > 0 then share(counted.met, counted.deliverables) end as bound_low,
    case when counted.unknown > 0 then share(counted.met + counted.unknown, counted.deliverables) end as bound_high,
    case
        when counted.unknown > 0 then share(counted.deliverables - counted.unknown, counted.deliverables)
    end as completeness_share,
    case
        when counted.deliverables = 0 then 'nothing_due'
        when counted.unknown = counted.deliverables then 'not_supplied'
        when counted.unknown > 0 then 'partly_supplied'
    end as null_reason
from counted
left join stage.impact_agreement_keepers as keeper on counted.agreement_kind = keeper.agreement_kind
where counted.agreement_kind is not null
