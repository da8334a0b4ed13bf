-- Which operators should be asked about keyed concessions and use that should not be?
-- tier: travel
select
    problems.operator,
    problems.problem,
    problems.problem_label,
    sum(problems.boardings) as boardings,
    sum(problems.messages) as messages
from travel.journey_problems as problems
where problems.tells_of_misuse
group by problems.operator, problems.problem, problems.problem_label
having sum(problems.boardings) > 0
order by boardings desc, problems.operator, problems.problem
