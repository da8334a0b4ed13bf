-- Grain: one code of one ticketing system in one time.
-- Which national operator code it stands for, from the newest edition; times of one code follow each other.
with newest as (
    select max(operators.edition) as edition
    from raw.travel_operators as operators
)

select
    operators.source_system,
    operators.source_code,
    operators.noc,
    operators.operator_name,
    operators.valid_from,
    least(
        coalesce(operators.valid_to + 1, date '9999-12-31'),
        coalesce(
            lead(operators.valid_from) over (
                partition by operators.source_system, operators.source_code
                order by operators.valid_from
            ),
            date '9999-12-31'
        )
    ) as valid_until
from raw.travel_operators as operators
inner join newest
    on operators.edition = newest.edition
