-- Grain: one indicator of one financial year and kind of decision.
-- CO08: of the announced decisions on contracts, grants and investments that were approved in the
-- year, those with an assessment that was complete by the day of approval.
with in_scope as (
    select
        decision.approved_financial_year as financial_year,
        decision.decision_kind,
        decision.is_assessed_before_decision
    from impact.assessments as decision
    where
        decision.is_announced
        and decision.approved_financial_year is not null
        and decision.decision_kind in ('contract', 'grant', 'investment')
),

-- Two lists: without that of assessments nothing can be said of the decisions.
supplied as (
    select count(*) > 0 as is_supplied
    from stage.impact_assessments
),

counted as (
    select
        in_scope.financial_year,
        if(grouping(in_scope.decision_kind) = 1, 'all', in_scope.decision_kind) as decision_kind,
        count(*) filter (where in_scope.is_assessed_before_decision) as assessed,
        count(*) as decisions
    from in_scope
    group by grouping sets ((in_scope.financial_year, in_scope.decision_kind), (in_scope.financial_year))
)

select
    'CO08' as indicator_id,
    counted.financial_year,
    if(counted.decision_kind = 'all', 'all', 'decision_kind') as breakdown,
    counted.decision_kind as breakdown_value,
    if(counted.decision_kind = 'all', 'All', counted.decision_kind) as breakdown_label,
    case when supplied.is_supplied then share(counted.assessed, counted.decisions) end as measured_value,
    case when supplied.is_supplied then cast(counted.assessed as double) end as numerator,
    case when supplied.is_supplied then cast(counted.decisions as double) end as denominator,
    case when not supplied.is_supplied then 'not_supplied' end as null_reason
from counted
cross join supplied
inner join stage.indicator_years as years on counted.financial_year = years.financial_year
