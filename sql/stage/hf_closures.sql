-- Grain: one person of one body whose case was closed.
with counted as (
    select closure.*
    from raw.housingfirst_closure as closure
    inner join stage.hf_supplies as supply
        on closure.body_code = supply.body_code and closure.extract_date = supply.extract_date
)

select
    counted.body_code,
    counted.person_key,
    max(counted.closed_date) as closed_on,
    lower(
        arg_max(counted.closure_reason, (counted.closed_date, counted.closure_reason, counted.line_key))
    ) as closure_reason,
    max(counted.closed_date) filter (where counted.closure_reason = 'DECEASED') as died_on
from counted
group by counted.body_code, counted.person_key
