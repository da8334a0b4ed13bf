-- Grain: one indicator of one financial year and kind of agreement.
-- CO10: of the deliverables of announced agreements that were due in the year, those whose last
-- report shows evidence for all that was committed.
with due as (
    select
        years.financial_year,
        deliverable.agreement_kind,
        last(
            coalesce(deliverable.evidenced >= deliverable.committed, false)
            order by deliverable.reported_date nulls first, deliverable.monitoring_period
        ) as is_met
    from impact.deliverables as deliverable
    cross join site.settings as settings
    inner join stage.indicator_years as years
        on
            financial_year(
                deliverable.due_date, settings.financial_year_start_month, settings.financial_year_start_day
            ) = years.financial_year
    where deliverable.is_announced
    group by
        years.financial_year, deliverable.agreement_kind, deliverable.agreement_ref, deliverable.deliverable_ref
),

counted as (
    select
        due.financial_year,
        if(grouping(due.agreement_kind) = 1, 'all', due.agreement_kind) as agreement_kind,
        count(*) filter (where due.is_met) as numerator,
        count(*) as denominator
    from due
    group by grouping sets ((due.financial_year, due.agreement_kind), (due.financial_year))
)

select
    'CO10' as indicator_id,
    counted.financial_year,
    if(counted.agreement_kind = 'all', 'all', 'agreement_kind') as breakdown,
    counted.agreement_kind as breakdown_value,
    if(counted.agreement_kind = 'all', 'All', counted.agreement_kind) as breakdown_label,
    share(counted.numerator, counted.denominator) as measured_value,
    cast(counted.numerator as double) as numerator,
    cast(counted.denominator as double) as denominator
from counted
where counted.agreement_kind is not null
