-- Grain: one indicator of one financial year, and values in prices of one year.
-- CO11: of the social value in pounds that announced agreements promised for the year, what is
-- evidenced. Values of two systems, or in prices of two years, are never added; all together have a
-- figure where there is but one of them.
with due as (
    select
        financial_year(
            deliverable.due_date, settings.financial_year_start_month, settings.financial_year_start_day
        ) as financial_year,
        deliverable.value_system,
        deliverable.price_year,
        cast(max(deliverable.committed) as decimal(18, 2)) as committed_gbp,
        last(
            cast(deliverable.evidenced as decimal(18, 2))
            order by deliverable.reported_date nulls first, deliverable.monitoring_period
        ) as evidenced_gbp
    from impact.deliverables as deliverable
    cross join site.settings as settings
    where deliverable.is_announced and upper(deliverable.unit) in ('GBP', '£')
    group by
        deliverable.agreement_ref, deliverable.deliverable_ref, deliverable.due_date,
        deliverable.value_system, deliverable.price_year, settings.financial_year_start_month,
        settings.financial_year_start_day
),

-- Two lists: without any report nothing can be said of what was promised.
supplied as (
    select coalesce(bool_or(deliverable.monitoring_period <> 'none'), false) as is_supplied
    from impact.deliverables as deliverable
    where deliverable.is_announced
),

part as (
    select
        due.financial_year,
        due.value_system is not null and due.price_year is not null as is_stated,
        case
            when due.value_system is not null and due.price_year is not null
                then due.value_system || ' ' || due.price_year
            else 'not_stated'
        end as breakdown_value,
        case
            when due.value_system is not null and due.price_year is not null
                then coalesce(systems.system_name, due.value_system) || ', prices of ' || due.price_year
            else 'Values or prices not stated'
        end as breakdown_label,
        coalesce(sum(due.evidenced_gbp), 0) as evidenced_gbp,
        sum(due.committed_gbp) as committed_gbp,
        coalesce(sum(due.committed_gbp) filter (where due.evidenced_gbp is null), 0) as not_evidenced_gbp,
        count(due.evidenced_gbp) as evidenced
    from due
    left join ref.impact_systems as systems on due.value_system = systems.system
    group by due.financial_year, is_stated, breakdown_value, breakdown_label
),

told as (
    select
        part.*,
        case
            when not supplied.is_supplied then 'not_supplied'
            when not part.is_stated then 'not_stated'
            when part.committed_gbp = 0 then 'zero_base'
            when part.evidenced = 0 then 'not_evidenced'
        end as null_reason
    from part
    cross join supplied
),

figure as (
    select
        told.*,
        'value_system' as breakdown,
        cast(null as varchar) as figure_basis
    from told
    union all
    -- All together, where that is one part.
    select
        told.* replace ('all' as breakdown_value, 'All' as breakdown_label),
        'all' as breakdown,
        told.breakdown_label as figure_basis
    from told
    qualify count(*) over (partition by told.financial_year) = 1
),

together as (
    select distinct -- one row for each year in which there are several parts
        told.financial_year
    from told
    qualify count(*) over (partition by told.financial_year) > 1
)

select
    'CO11' as indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.figure_basis,
    case when figure.null_reason is null then share(figure.evidenced_gbp, figure.committed_gbp) end
        as measured_value,
    case when figure.null_reason is null then cast(figure.evidenced_gbp as double) end as numerator,
    case when figure.null_reason is null then cast(figure.committed_gbp as double) end as denominator,
    case
        when coalesce(figure.null_reason, 'not_evidenced') = 'not_evidenced'
            then share(figure.evidenced_gbp, figure.committed_gbp)
    end as bound_low,
    case
        when coalesce(figure.null_reason, 'not_evidenced') = 'not_evidenced'
            then share(figure.evidenced_gbp + figure.not_evidenced_gbp, figure.committed_gbp)
    end as bound_high,
    case
        when coalesce(figure.null_reason, 'not_evidenced') = 'not_evidenced'
            then share(figure.committed_gbp - figure.not_evidenced_gbp, figure.committed_gbp)
    end as completeness_share,
    figure.null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
union all
select
    'CO11' as indicator_id,
    together.financial_year,
    'all' as breakdown,
    'all' as breakdown_value,
    'All' as breakdown_label,
    cast(null as varchar) as figure_basis,
    cast(null as double) as measured_value,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast(null as double) as bound_low,
    cast(null as double) as bound_high,
    cast(null as double) as completeness_share,
    'not_added' as null_reason
from together
inner join stage.indicator_years as years on together.financial_year = years.financial_year
