-- Grain: one start of one employee.
select
    starters.line_key,
    starters.body_code,
    starters.person_key,
    starters.started_on,
    starters.previous_status,
    starters.is_apprenticeship
from raw.people_new_starters as starters
