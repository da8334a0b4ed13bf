-- grain: one district code, live or ended
-- Codes come from the list of all codes; the Indices and the site's area add any that list lacks,
-- so that no place of ours depends on one optional file.
with listed as (
    select
        districts.lad_code,
        districts.lad_name,
        districts.active_lad_code,
        districts.combined_authority_code,
        districts.combined_authority_name,
        districts.country_code
    from raw.geography_districts as districts
),

mentioned as (
    select
        iod_lsoa.lad_code,
        max(iod_lsoa.lad_name) as lad_name
    from stage.iod_lsoa as iod_lsoa
    where iod_lsoa.lad_code is not null
    group by iod_lsoa.lad_code
    union all
    select
        lsoa_ward.lad_code,
        max(lsoa_ward.lad_name) as lad_name
    from stage.lsoa_ward as lsoa_ward
    group by lsoa_ward.lad_code
    union all
    select
        area.lad_code,
        cast(null as varchar) as lad_name
    from site.area as area
    union all
    select
        lad_change.old_lad_code as lad_code,
        lad_change.old_lad_name as lad_name
    from ref.lad_change as lad_change
    union all
    select
        lad_change.active_lad_code as lad_code,
        lad_change.active_lad_name as lad_name
    from ref.lad_change as lad_change
),

every_code as (
    select
        listed.lad_code,
        listed.lad_name,
        true as is_listed
    from listed
    union all
    select
        mentioned.lad_code,
        mentioned.lad_name,
        false as is_listed
    from mentioned
),

one_name as (
    select
        every_code.lad_code,
        coalesce(
            max(every_code.lad_name) filter (where every_code.is_listed),
            max(every_code.lad_name)
        ) as lad_name
    from every_code
    group by every_code.lad_code
),

-- A code that took over from others is in force from the first of their endings.
begun as (
    select
        lad_change.active_lad_code as lad_code,
        min(lad_change.ended_on) as valid_from
    from ref.lad_change as lad_change
    group by lad_change.active_lad_code
)

select
    one_name.lad_code,
    one_name.lad_name,
    coalesce(listed.active_lad_code, lad_change.active_lad_code, one_name.lad_code)
        as active_lad_code,
    listed.combined_authority_code,
    listed.combined_authority_name,
    coalesce(
        listed.country_code,
        case left(one_name.lad_code, 1)
            when 'E' then 'E92000001'
            when 'W' then 'W92000004'
            when 'S' then 'S92000003'
            when 'N' then 'N92000002'
        end
    ) as country_code,
    pass_authority.pass_authority,
    area.lad_code is not null as in_area,
    begun.valid_from,
    cast(lad_change.ended_on - interval 1 day as date) as valid_to
from one_name
left join listed
    on one_name.lad_code = listed.lad_code
left join ref.lad_change as lad_change
    on one_name.lad_code = lad_change.old_lad_code
left join begun
    on one_name.lad_code = begun.lad_code
left join ref.pass_authority as pass_authority
    on one_name.lad_code = pass_authority.lad_code
left join site.area as area
    on one_name.lad_code = area.lad_code
