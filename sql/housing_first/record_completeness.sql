-- Grain: one core field in one financial year.
-- The newest extract says whether a field is filled: what was mended since counts as filled in
-- all years.
with counted as (
    select
        years.body_code,
        years.financial_year,
        unnest([fields.field, 'all']) as field,
        fields.is_filled
    from stage.hf_years as years
    inner join stage.hf_fields as fields
        on years.body_code = fields.body_code and years.person_key = fields.person_key
)

select
    counted.body_code,
    counted.financial_year,
    counted.field,
    count(*) as due,
    count(*) filter (where counted.is_filled) as filled,
    share(count(*) filter (where counted.is_filled), count(*)) as filled_share
from counted
group by counted.body_code, counted.financial_year, counted.field
