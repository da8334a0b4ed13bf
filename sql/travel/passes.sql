-- Grain: one pass.
-- Where its holder lives now, and which pass of the same person came after it. A move from the local pass
-- to the national one at pension age is a renewal, as is any other pass of the same person.
with at_home as (
    select
        addresses.person_key,
        addresses.lsoa11_code,
        addresses.lsoa21_code,
        addresses.place_status,
        addresses.age_band
    from stage.travel_addresses as addresses
    where addresses.until_day = date '9999-12-31'
)

select
    passes.pass_key,
    passes.person_key,
    passes.pass_type,
    passes.issuing_authority,
    passes.issued_on,
    passes.valid_from,
    case when passes.has_expiry then passes.expiry_date end as expiry_date,
    passes.status,
    passes.status_date,
    at_home.lsoa11_code,
    at_home.lsoa21_code,
    coalesce(at_home.place_status, 'missing') as place_status,
    at_home.age_band,
    lead(passes.pass_key) over person_chain as renewed_by_pass_key,
    lead(passes.valid_from) over person_chain as renewed_from,
    row_number() over person_chain as chain_position
from stage.travel_passes as passes
left join at_home
    on passes.person_key = at_home.person_key
window
    person_chain as (
        partition by passes.person_key order by passes.valid_from, passes.pass_key
    )
