-- Grain: one person of one body whose case was closed.
with newest as (
    select closure.*
    from raw.housingfirst_closure as closure
    qualify closure.extract_date = max(closure.extract_date) over (partition by closure.body_code)
)

select
    newest.body_code,
    newest.person_key,
    max(newest.closed_date) as closed_on,
    lower(
        arg_max(newest.closure_reason, (newest.closed_date, newest.closure_reason, newest.line_key))
    ) as closure_reason,
    max(newest.closed_date) filter (where newest.closure_reason = 'DECEASED') as died_on
from newest
group by newest.body_code, newest.person_key
