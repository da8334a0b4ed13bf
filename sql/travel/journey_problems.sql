-- Grain: one problem of one operator in one month.
select
    cast(date_trunc('month', days.record_day) as date) as service_month,
    days.operator,
    days.problem,
    problems.description as problem_label,
    problems.tells_of_misuse,
    cast(sum(days.messages) as bigint) as messages,
    cast(sum(days.boardings) as bigint) as boardings,
    share(sum(days.boardings), sum(days.messages)) as boardings_share
from stage.travel_problems_by_day as days
inner join ref.travel_problems as problems
    on days.problem = problems.problem
group by
    cast(date_trunc('month', days.record_day) as date),
    days.operator,
    days.problem,
    problems.description,
    problems.tells_of_misuse
