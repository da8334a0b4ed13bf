-- Grain: one indicator of one financial year and breakdown value.
-- What the announced decisions, agreements and projects make of the measures of the investor
-- (M20 to M25, M33). Undecided and unannounced ones count nowhere. Levels and systems are never
-- added, so money has a row for each and none for all.
with assessed as (
    select
        decision.approved_financial_year as financial_year,
        decision.decision_kind,
        decision.is_assessed,
        decision.is_assessed_before_decision,
        -- What stands in an agreement shows it, whatever was said before it was signed.
        if(
            exists (
                select 1
                from impact.deliverables as deliverable
                where deliverable.project_id = decision.project_id and deliverable.is_announced
            ),
            true,
            decision.deliverables_in_agreement
        ) as deliverables_in_agreement,
        exists (
            select 1
            from impact.project_values as figure
            where
                figure.project_id = decision.project_id
                and figure.stage like 'ex_ante%'
                and figure.is_headline
                and figure.inherent_gbp is not null
                and figure.additional_gbp is not null
        ) as states_them_apart
    from impact.assessments as decision
    where decision.is_announced and decision.approved_financial_year is not null
),

-- A deliverable counts once, in the year in which it is due, as its last report says.
due as (
    select
        financial_year(
            deliverable.due_date, settings.financial_year_start_month, settings.financial_year_start_day
        ) as financial_year,
        deliverable.agreement_kind,
        bool_or(deliverable.monitored) as is_monitored,
        last(
            deliverable.status
            order by deliverable.reported_date nulls first, deliverable.monitoring_period
        ) as last_status,
        bool_or(coalesce(deliverable.non_delivery_is_acted_on, false)) as is_acted_on
    from impact.deliverables as deliverable
    cross join site.settings as settings
    cross join site.as_of as today
    where deliverable.is_announced and deliverable.due_date <= today.as_of
    group by
        deliverable.agreement_ref, deliverable.agreement_kind, deliverable.deliverable_ref,
        deliverable.due_date, settings.financial_year_start_month, settings.financial_year_start_day
),

counted as (
    select
        'M20' as indicator_id,
        assessed.financial_year,
        assessed.decision_kind as breakdown_value,
        'decision_kind' as breakdown,
        count(*) filter (where assessed.is_assessed and assessed.states_them_apart) as numerator,
        count(*) filter (where assessed.is_assessed) as denominator
    from assessed
    group by assessed.financial_year, assessed.decision_kind
    union all
    select
        'M21' as indicator_id,
        assessed.financial_year,
        assessed.decision_kind as breakdown_value,
        'decision_kind' as breakdown,
        count(*) filter (where assessed.is_assessed_before_decision) as numerator,
        count(*) as denominator
    from assessed
    where assessed.decision_kind = 'investment'
    group by assessed.financial_year, assessed.decision_kind
    union all
    select
        'M22' as indicator_id,
        assessed.financial_year,
        assessed.decision_kind as breakdown_value,
        'decision_kind' as breakdown,
        count(*) filter (where assessed.is_assessed and assessed.deliverables_in_agreement) as numerator,
        count(*) filter (where assessed.is_assessed and assessed.deliverables_in_agreement is not null)
            as denominator
    from assessed
    group by assessed.financial_year, assessed.decision_kind
    union all
    select
        'M23' as indicator_id,
        due.financial_year,
        due.agreement_kind as breakdown_value,
        'agreement_kind' as breakdown,
        count(*) filter (where due.is_monitored) as numerator,
        count(*) as denominator
    from due
    group by due.financial_year, due.agreement_kind
    union all
    select
        'M24' as indicator_id,
        due.financial_year,
        due.agreement_kind as breakdown_value,
        'agreement_kind' as breakdown,
        count(*) filter (where due.is_acted_on and due.last_status in ('not_delivered', 'not_monitored'))
            as numerator,
        count(*) filter (where due.last_status in ('not_delivered', 'not_monitored')) as denominator
    from due
    group by due.financial_year, due.agreement_kind
),

share_figure as (
    select
        counted.indicator_id,
        counted.financial_year,
        if(grouping(counted.breakdown_value) = 1, 'all', max(counted.breakdown)) as breakdown,
        if(grouping(counted.breakdown_value) = 1, 'all', counted.breakdown_value) as breakdown_value,
        sum(counted.numerator) as numerator,
        sum(counted.denominator) as denominator
    from counted
    group by
        grouping sets (
            (counted.indicator_id, counted.financial_year, counted.breakdown_value),
            (counted.indicator_id, counted.financial_year)
        )
),

-- Which system's values, and at which level, in words.
valued as (
    select
        portfolio.financial_year,
        portfolio.stage,
        portfolio.system,
        portfolio.level,
        portfolio.net_gbp,
        portfolio.p5_gbp,
        portfolio.p95_gbp,
        portfolio.additional_gbp,
        portfolio.withheld is not null as is_withheld,
        coalesce(systems.system_name, portfolio.system) as system_label,
        coalesce(systems.system_name, portfolio.system) || ', ' || lower(coalesce(levels.level_label, portfolio.level))
            as level_label
    from impact.portfolio as portfolio
    left join ref.impact_systems as systems on portfolio.system = systems.system
    left join ref.impact_levels as levels on portfolio.level = levels.level
),

money as (
    select
        'M25a' as indicator_id,
        portfolio.financial_year,
        portfolio.stage as breakdown,
        portfolio.system || ' ' || portfolio.level as breakdown_value,
        portfolio.level_label as breakdown_label,
        cast(portfolio.net_gbp as double) as measured_value,
        cast(portfolio.p5_gbp as double) as ci_low,
        cast(portfolio.p95_gbp as double) as ci_high,
        portfolio.is_withheld
    from valued as portfolio
    union all
    select
        'M25b' as indicator_id,
        portfolio.financial_year,
        portfolio.stage as breakdown,
        portfolio.system as breakdown_value,
        portfolio.system_label as breakdown_label,
        cast(portfolio.net_gbp as double) as measured_value,
        cast(portfolio.p5_gbp as double) as ci_low,
        cast(portfolio.p95_gbp as double) as ci_high,
        portfolio.is_withheld
    from valued as portfolio
    where portfolio.level = 'LCR'
    union all
    select
        'M33' as indicator_id,
        portfolio.financial_year,
        portfolio.stage as breakdown,
        portfolio.system || ' ' || portfolio.level as breakdown_value,
        portfolio.level_label as breakdown_label,
        cast(portfolio.additional_gbp as double) as measured_value,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        portfolio.is_withheld
    from valued as portfolio
    where portfolio.additional_gbp is not null or portfolio.is_withheld
),

figure as (
    select
        share_figure.indicator_id,
        share_figure.financial_year,
        share_figure.breakdown,
        share_figure.breakdown_value,
        replace(share_figure.breakdown_value, '_', ' ') as breakdown_label,
        share(share_figure.numerator, share_figure.denominator) as measured_value,
        cast(share_figure.numerator as double) as numerator,
        cast(share_figure.denominator as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        case when share_figure.denominator = 0 then 'zero_base' end as null_reason
    from share_figure
    union all
    select
        money.indicator_id,
        money.financial_year,
        money.breakdown,
        money.breakdown_value,
        money.breakdown_label,
        money.measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        money.ci_low,
        money.ci_high,
        case
            when money.measured_value is not null then null
            when money.is_withheld then 'withheld'
            else 'not_stated'
        end as null_reason
    from money
    union all
    select distinct
        money.indicator_id,
        money.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'All' as breakdown_label,
        cast(null as double) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        'not_added' as null_reason
    from money
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    if(figure.breakdown_value = 'all', 'All', figure.breakdown_label) as breakdown_label,
    figure.measured_value,
    figure.numerator,
    figure.denominator,
    figure.ci_low,
    figure.ci_high,
    figure.null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
