-- Grain: one body that runs the service.
-- Of which contracts with core fields nothing was sent of the extract that counts: their fields are not
-- due, and the share of all fields says so.
with need as (
    select
        need.body_code,
        need.extract_date
    from raw.housingfirst_need as need
    union
    select
        counted.body_code,
        counted.extract_date
    from raw.housingfirst_control_totals as counted
    where counted.feed = 'need' and counted.total = 0
)

select
    supply.body_code,
    need.body_code is not null as has_need,
    nullif(
        concat_ws(
            ', ',
            if(supply.has_person, null, 'person'),
            if(need.body_code is not null, null, 'need'),
            if(supply.has_housing_status, null, 'housing_status'),
            if(supply.has_support, null, 'support'),
            if(supply.has_assessment, null, 'assessment'),
            if(supply.has_tenancy, null, 'tenancy')
        ),
        ''
    ) as fields_without
from stage.hf_supplies as supply
left join need
    on supply.body_code = need.body_code and supply.extract_date = need.extract_date
