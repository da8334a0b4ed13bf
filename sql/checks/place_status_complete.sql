-- Every code the macro place_status can give stands in ref.place_status. Rows offend where a
-- combination of what is known about a postcode gives a code without a description.
with classes as (
    select unnest([
        'ok', 'ok_special', 'bfpo', 'overseas_territory', 'crown_dependency', 'northern_ireland',
        'scotland', 'wales', 'non_geographic', 'pseudo_no_fixed_abode', 'pseudo_not_known',
        'pseudo_other', 'missing', 'missing_text', 'repairable', 'invalid_or_repair',
        'invalid_outward_only', 'invalid'
    ]) as class
),

truths as (
    select unnest([true, false]) as truth
),

days as (
    select unnest([date '2020-01-01', date '2022-06-01', date '2024-01-01']) as on_date
),

statuses as (
    select distinct -- many combinations give one status
        place_status(
            classes.class, found.truth, repaired.truth, date '2021-01-01', date '2023-01-01',
            case when large.truth then 'large' else 'small' end, has_grid.truth,
            case when english.truth then 'E92000001' else 'W92000004' end, covered.truth, days.on_date
        ) as place_status
    from classes
    cross join truths as found
    cross join truths as repaired
    cross join truths as large
    cross join truths as has_grid
    cross join truths as english
    cross join truths as covered
    cross join days
)

select statuses.place_status
from statuses
left join ref.place_status as place_status
    on statuses.place_status = place_status.place_status
where place_status.place_status is null
