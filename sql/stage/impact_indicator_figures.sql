-- Grain: one indicator of one financial year and breakdown value.
-- What the announced decisions, agreements and projects make of the measures of the investor
-- (M20 to M25, M33). Undecided and unannounced ones count nowhere. Levels and systems are never
-- added, so money has a row for each and none for all. What a list that did not come would tell is not
-- known, and no share is made without it: its bounds take what is not known for none and for all.
with supplied as (
    select
        exists (select 1 from stage.impact_assessments) as has_assessments,
        exists (
            select 1
            from impact.project_values as figure
            where figure.inherent_gbp is not null and figure.additional_gbp is not null
        ) as has_values
),

assessed as (
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
        ) as states_them_apart,
        supplied.has_assessments,
        supplied.has_values
    from impact.assessments as decision
    cross join supplied
    where decision.is_announced and decision.approved_financial_year is not null
),

-- A deliverable counts once, in the year in which it is due, as its last report says.
due as (
    select
        financial_year(
            deliverable.due_date, settings.financial_year_start_month, settings.financial_year_start_day
        ) as financial_year,
        deliverable.submission,
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
        deliverable.submission, deliverable.agreement_ref, deliverable.agreement_kind, deliverable.deliverable_ref,
        deliverable.due_date, settings.financial_year_start_month, settings.financial_year_start_day
),

-- What is not reported was not monitored where reports of its year came, and is not known where none
-- did. Of what was monitored it is known whether it came.
known as (
    select
        due.financial_year,
        due.agreement_kind,
        case when due.is_monitored then true when supplies.submission is not null then false end
            as is_monitored,
        case
            when due.last_status = 'not_delivered' then true
            when due.last_status <> 'not_monitored' then false
            when supplies.submission is not null then true
        end as is_missed,
        case when due.is_acted_on then true when supplies.has_actions then false end as is_acted_on
    from due
    left join stage.report_supplies as supplies
        on
            due.submission = supplies.submission
            and due.agreement_kind = supplies.agreement_kind
            and due.financial_year = supplies.financial_year
),

counted as (
    select
        'M20' as indicator_id,
        assessed.financial_year,
        assessed.decision_kind as breakdown_value,
        'decision_kind' as breakdown,
        count(*) filter (where assessed.is_assessed and assessed.states_them_apart) as numerator,
        count(*) filter (where assessed.is_assessed or not assessed.has_assessments) as denominator,
        count(*) filter (
            where
            not assessed.has_assessments
            or assessed.is_assessed and not assessed.states_them_apart and not assessed.has_values
        ) as unknown
    from assessed
    group by assessed.financial_year, assessed.decision_kind
    union all
    select
        'M21' as indicator_id,
        assessed.financial_year,
        assessed.decision_kind as breakdown_value,
        'decision_kind' as breakdown,
        count(*) filter (where assessed.is_assessed_before_decision) as numerator,
        count(*) as denominator,
        count(*) filter (where not assessed.has_assessments) as unknown
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
        count(*) filter (
            where
            assessed.is_assessed and assessed.deliverables_in_agreement is not null
            or not assessed.has_assessments
        ) as denominator,
        count(*) filter (where not assessed.has_assessments) as unknown
    from assessed
    group by assessed.financial_year, assessed.decision_kind
    union all
    select
        'M23' as indicator_id,
        known.financial_year,
        known.agreement_kind as breakdown_value,
        'agreement_kind' as breakdown,
        count(*) filter (where known.is_monitored) as numerator,
        count(*) as denominator,
        count(*) filter (where known.is_monitored is null) as unknown
    from known
    group by known.financial_year, known.agreement_kind
    union all
    select
        'M24' as indicator_id,
        known.financial_year,
        known.agreement_kind as breakdown_value,
        'agreement_kind' as breakdown,
        count(*) filter (where known.is_missed and known.is_acted_on) as numerator,
        count(*) filter (where coalesce(known.is_missed, true)) as denominator,
        count(*) filter (where known.is_missed is null or known.is_missed and known.is_acted_on is null)
            as unknown
    from known
    group by known.financial_year, known.agreement_kind
),

share_figure as (
    select
        counted.indicator_id,
        counted.financial_year,
        if(grouping(counted.breakdown_value) = 1, 'all', max(counted.breakdown)) as breakdown,
        if(grouping(counted.breakdown_value) = 1, 'all', counted.breakdown_value) as breakdown_value,
        sum(counted.numerator) as numerator,
        sum(counted.denominator) as denominator,
        sum(counted.unknown) as unknown
    from counted
    group by
        grouping sets (
            (counted.indicator_id, counted.financial_year, counted.breakdown_value),
            (counted.indicator_id, counted.financial_year)
        )
),

-- What stands in agreements is counted with what assessments say of them, where it is at hand.
agreed as (
    select count(*) > 0 as is_at_hand
    from impact.deliverables as deliverable
    where deliverable.project_id is not null and deliverable.is_announced
),

-- Years in which nothing was due, of the years of those who list what is.
nothing_due as (
    select
        measure.indicator_id,
        years.financial_year
    from stage.indicator_years as years
    cross join unnest(['M23', 'M24']) as measure(indicator_id)
    where
        exists (select 1 from impact.deliverables as deliverable where deliverable.is_announced)
        and not exists (select 1 from due where due.financial_year = years.financial_year)
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
        case when share_figure.unknown = 0 then share(share_figure.numerator, share_figure.denominator) end
            as measured_value,
        case when share_figure.unknown = 0 then cast(share_figure.numerator as double) end as numerator,
        case when share_figure.unknown = 0 then cast(share_figure.denominator as double) end as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        case when share_figure.unknown > 0 then share(share_figure.numerator, share_figure.denominator) end
            as bound_low,
        case
            when share_figure.unknown > 0
                then share(share_figure.numerator + share_figure.unknown, share_figure.denominator)
        end as bound_high,
        case
            when share_figure.unknown > 0
                then share(share_figure.denominator - share_figure.unknown, share_figure.denominator)
        end as completeness_share,
        case
            when share_figure.denominator = 0 then 'zero_base'
            when share_figure.unknown = share_figure.denominator then 'not_supplied'
            when share_figure.unknown > 0 then 'partly_supplied'
        end as null_reason
    from share_figure
    union all
    select
        nothing_due.indicator_id,
        nothing_due.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'All' as breakdown_label,
        cast(null as double) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        cast(null as double) as bound_low,
        cast(null as double) as bound_high,
        cast(null as double) as completeness_share,
        'nothing_due' as null_reason
    from nothing_due
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
        cast(null as double) as bound_low,
        cast(null as double) as bound_high,
        cast(null as double) as completeness_share,
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
        cast(null as double) as bound_low,
        cast(null as double) as bound_high,
        cast(null as double) as completeness_share,
        'not_added' as null_reason
    from money
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    if(figure.breakdown_value = 'all', 'All', figure.breakdown_label) as breakdown_label,
    case
        when figure.indicator_id = 'M22' then if(agreed.is_at_hand, 'assessments and agreements', 'assessments')
        else keeper.keepers
    end as figure_basis,
    figure.measured_value,
    figure.numerator,
    figure.denominator,
    figure.ci_low,
    figure.ci_high,
    figure.bound_low,
    figure.bound_high,
    figure.completeness_share,
    figure.null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
cross join agreed
left join stage.impact_agreement_keepers as keeper
    on figure.indicator_id in ('M23', 'M24') and figure.breakdown_value = keeper.agreement_kind
