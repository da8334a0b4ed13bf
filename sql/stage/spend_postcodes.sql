-- Grain: one postcode text as published, on the lines or as an address of a supplier.
-- Places a postcode by the directory, mistyped characters repaired where only one repair exists and
-- the directory holds it. An ended postcode is placed from its record. A postcode of an area that a
-- whole directory lacks, or in a foreign format, is known not to be local. Everything else is
-- unplaced, never dropped.
with published_postcodes as (
    select payee_postcode_text as postcode_text from stage.spend_lines
    union
    select site_postcode_text as postcode_text from stage.spend_lines
    union
    select postcode_text from stage.supplier_addresses
    union
    select postcode_text from stage.supplier_sites
    union
    select postcode_text from stage.supplier_shares
),
postcodes as (
    select
        postcode_text,
        upper(tidy_text(postcode_text)) as postcode_capitals,
        postcode_class(postcode_text) as postcode_class,
        postcode_pcds(postcode_text) as pcds,
        postcode_repair(postcode_text) as repaired_pcds
    from published_postcodes
    where tidy_text(postcode_text) is not null
),
-- An area missing from the directory proves nothing unless the directory holds every district of
-- the city region.
directory_coverage as (
    select count(place.lad_code) = count(*) as is_whole
    from site.area as area
    left join (
        select distinct lad_code -- each district once
        from geo.postcode
    ) as place on area.lad_code = place.lad_code
),
directory_areas as (
    select distinct postcode_area(pcds) as postcode_area -- each area once
    from geo.postcode
),
overseas_found as (
    select
        postcodes.postcode_text,
        min(format.country) as country
    from postcodes
    inner join ref.spend_overseas_formats as format
        on regexp_matches(postcodes.postcode_capitals, format.pattern)
    where postcodes.pcds is null
    group by postcodes.postcode_text
),
found as (
    select
        postcodes.postcode_text,
        coalesce(place.pcds, postcodes.pcds) as pcds,
        place.pcds is not null as in_directory,
        place.pcds = postcodes.repaired_pcds as is_repaired,
        overseas_found.country is not null as is_foreign_format,
        postcodes.postcode_class,
        directory_areas.postcode_area is not null
        or not directory_coverage.is_whole as area_covered,
        place.introduced,
        place.terminated,
        case
            when cast(place.user_type as varchar) in ('1', 'large') then 'large'
            when cast(place.user_type as varchar) in ('0', 'small') then 'small'
        end as user_type,
        place.has_grid,
        place.country_code,
        place.lad_code,
        place.ward_code,
        place.lsoa11_code,
        place.lsoa21_code,
        place.directory_release,
        mass.pcds is not null as is_mass_address,
        area.lad_code is not null as in_area
    from postcodes
    left join geo.postcode as place
        on place.pcds = coalesce(postcodes.pcds, postcodes.repaired_pcds)
    left join site.area as area on place.lad_code = area.lad_code
    left join ref.spend_mass_addresses as mass on place.pcds = mass.pcds
    left join directory_areas on postcode_area(postcodes.pcds) = directory_areas.postcode_area
    left join overseas_found on postcodes.postcode_text = overseas_found.postcode_text
    cross join directory_coverage
),
judged as (
    select
        found.postcode_text,
        found.pcds,
        found.in_directory,
        found.is_repaired,
        found.is_foreign_format,
        -- The day of the payment does not matter here: an ended postcode places as a live one does,
        -- and is flagged.
        place_status(
            found.postcode_class, found.in_directory, found.is_repaired, found.introduced,
            found.terminated, found.user_type, found.has_grid, found.country_code,
            found.area_covered, null
        ) as postcode_status,
        found.terminated is not null as is_terminated,
        coalesce(found.user_type = 'large', false) as is_non_physical,
        found.is_mass_address,
        found.in_area,
        found.lad_code,
        found.ward_code,
        found.lsoa11_code,
        found.lsoa21_code,
        found.directory_release
    from found
),
placed as (
    select
        judged.postcode_text,
        judged.pcds,
        judged.postcode_status,
        case
            when judged.is_foreign_format then 'outside_england'
            when status.table_status in ('outside_area', 'outside_england') then status.table_status
            when status.table_status is distinct from 'placed' then 'unplaced'
            when judged.lad_code is null then 'unplaced'
            when judged.in_area then 'placed'
            else 'outside_area'
        end as place_status,
        case
            when judged.is_foreign_format then 'foreign_format'
            when judged.lad_code is not null and judged.is_repaired then 'repaired'
            when judged.lad_code is not null then 'directory'
            else 'postcode_area'
        end as found_by,
        judged.is_terminated,
        judged.is_non_physical,
        judged.is_mass_address,
        judged.lad_code,
        judged.ward_code,
        judged.lsoa11_code,
        judged.lsoa21_code,
        judged.directory_release
    from judged
    left join ref.place_status as status on judged.postcode_status = status.place_status
)

select
    postcode_text,
    pcds,
    postcode_status,
    place_status,
    case when place_status = 'unplaced' then 'none' else found_by end as place_method,
    case
        when place_status = 'placed' then true
        when place_status in ('outside_area', 'outside_england') then false
    end as is_local,
    is_terminated,
    is_non_physical,
    is_mass_address,
    case when place_status <> 'unplaced' then lad_code end as lad_code,
    case when place_status <> 'unplaced' then ward_code end as ward_code,
    case when place_status <> 'unplaced' then lsoa11_code end as lsoa11_code,
    case when place_status <> 'unplaced' then lsoa21_code end as lsoa21_code,
    directory_release
from placed
