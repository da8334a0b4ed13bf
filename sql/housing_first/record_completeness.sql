-- Grain: one core field in one financial year.
-- The extract that counts says whether a field is filled: what was mended since counts as filled in
-- all years. Fields of a contract of which nothing was sent are not due: the share of all fields says
-- which it leaves out.
with counted as (
    select
        years.body_code,
        years.financial_year,
        unnest([fields.field, 'all']) as field,
        fields.is_filled,
        supply.fields_without
    from stage.hf_years as years
    inner join stage.hf_field_supplies as supply
        on years.body_code = supply.body_code
    inner join stage.hf_fields as fields
        on years.body_code = fields.body_code and years.person_key = fields.person_key
)

select
    counted.body_code,
    counted.financial_year,
    counted.field,
    count(*) as due,
    count(*) filter (where counted.is_filled) as filled,
    share(count(*) filter (where counted.is_filled), count(*)) as filled_share,
    case when counted.field = 'all' then max(counted.fields_without) end as fields_without
from counted
group by counted.body_code, counted.financial_year, counted.field
