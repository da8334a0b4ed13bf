-- grain: one postcode
-- Several directories and releases may be loaded. Every fact comes from the newest release that has
-- it (NSPL before ONSPD before derived before Code-Point Open in one month); an LSOA of the other
-- vintage that no directory has comes from the exact-fit look-up where that leaves no choice. A ward
-- that no directory has is the ward that the LSOA fits best, if the two lie in one district.
with loaded as (
    select
        postcode_row.directory,
        postcode_row.release_month,
        postcode_row.part
    from stage.postcode_row as postcode_row
    group by postcode_row.directory, postcode_row.release_month, postcode_row.part
),

-- The larger number is preferred.
slices as (
    select
        loaded.directory,
        loaded.release_month,
        loaded.part,
        concat(loaded.directory, '-', loaded.release_month) as directory_release,
        row_number() over (
            order by
                loaded.release_month,
                postcode_directory.preference desc,
                loaded.directory,
                loaded.part
        ) as preference
    from loaded
    inner join ref.postcode_directory as postcode_directory
        on loaded.directory = postcode_directory.directory
),

ordered as (
    select
        postcode_row.pcds,
        slices.preference,
        postcode_row.introduced,
        postcode_row.terminated,
        postcode_row.user_type,
        postcode_row.has_grid,
        postcode_row.easting,
        postcode_row.northing,
        postcode_row.latitude,
        postcode_row.longitude,
        postcode_row.country_code,
        postcode_row.lad_code,
        postcode_row.ward_code,
        postcode_row.lsoa11_code,
        postcode_row.lsoa21_code
    from stage.postcode_row as postcode_row
    inner join slices
        on
            postcode_row.directory = slices.directory
            and postcode_row.release_month = slices.release_month
            and postcode_row.part = slices.part
),

merged as (
    select
        ordered.pcds,
        max(ordered.preference) as newest,
        -- The newest row speaks for the ending, also when it says the postcode is live.
        first(ordered.terminated order by ordered.preference desc) as terminated,
        first(ordered.introduced order by ordered.preference desc)
            filter (where ordered.introduced is not null) as introduced,
        first(ordered.user_type order by ordered.preference desc)
            filter (where ordered.user_type is not null) as user_type,
        first(ordered.country_code order by ordered.preference desc)
            filter (where ordered.country_code is not null) as country_code,
        bool_or(ordered.has_grid) as has_grid,
        first(
            {'easting': ordered.easting, 'northing': ordered.northing}
            order by ordered.preference desc
        ) filter (where ordered.has_grid) as grid,
        first(
            {'latitude': ordered.latitude, 'longitude': ordered.longitude}
            order by ordered.preference desc
        ) filter (where ordered.has_grid and ordered.latitude is not null) as coordinates,
        first(ordered.lad_code order by ordered.preference desc)
            filter (where ordered.lad_code is not null) as lad_code,
        first(ordered.ward_code order by ordered.preference desc)
            filter (where ordered.ward_code is not null) as ward_code,
        max(ordered.preference) filter (where ordered.lad_code is not null) as lad_from,
        max(ordered.preference) filter (where ordered.ward_code is not null) as ward_from,
        first(ordered.lsoa11_code order by ordered.preference desc)
            filter (where ordered.lsoa11_code is not null) as lsoa11_code,
        max(ordered.preference) filter (where ordered.lsoa11_code is not null) as lsoa11_from,
        first(ordered.lsoa21_code order by ordered.preference desc)
            filter (where ordered.lsoa21_code is not null) as lsoa21_code,
        max(ordered.preference) filter (where ordered.lsoa21_code is not null) as lsoa21_from
    from ordered
    group by ordered.pcds
),

only_2011 as (
    select
        lsoa_pair.lsoa21_code,
        min(lsoa_pair.lsoa11_code) as lsoa11_code
    from stage.lsoa_pair as lsoa_pair
    group by lsoa_pair.lsoa21_code
    having count(*) = 1
),

only_2021 as (
    select
        lsoa_pair.lsoa11_code,
        min(lsoa_pair.lsoa21_code) as lsoa21_code
    from stage.lsoa_pair as lsoa_pair
    group by lsoa_pair.lsoa11_code
    having count(*) = 1
),

areas as (
    select
        merged.pcds,
        coalesce(merged.lsoa11_code, only_2011.lsoa11_code) as lsoa11_code,
        coalesce(merged.lsoa21_code, only_2021.lsoa21_code) as lsoa21_code,
        coalesce(district.active_lad_code, merged.lad_code) as lad_code
    from merged
    left join only_2011
        on merged.lsoa21_code = only_2011.lsoa21_code
    left join only_2021
        on merged.lsoa11_code = only_2021.lsoa11_code
    left join stage.district as district
        on merged.lad_code = district.lad_code
),

-- Wards are published for LSOA 2021; the LSOA of 2011 speaks where the other is not known.
best_fit as (
    select
        areas.pcds,
        lsoa_place.ward_code
    from areas
    inner join stage.lsoa_place as lsoa_place
        on
            coalesce(areas.lsoa21_code, areas.lsoa11_code) = lsoa_place.lsoa_code
            and case when areas.lsoa21_code is null then '2011' else '2021' end
            = lsoa_place.lsoa_vintage
    left join stage.district as ward_district
        on lsoa_place.ward_lad_code = ward_district.lad_code
    where
        areas.lad_code is null
        or ward_district.active_lad_code is null
        or areas.lad_code = ward_district.active_lad_code
)

select
    merged.pcds,
    nullif(regexp_extract(merged.pcds, '^[A-Z]{1,2}'), '') as postcode_area,
    areas.lsoa11_code,
    areas.lsoa21_code,
    coalesce(merged.ward_code, best_fit.ward_code) as ward_code,
    areas.lad_code,
    merged.country_code,
    coalesce(active_district.in_area, false) as in_area,
    merged.introduced,
    merged.terminated,
    merged.user_type,
    merged.has_grid as has_grid,
    merged.grid['easting'] as easting,
    merged.grid['northing'] as northing,
    merged.coordinates['latitude'] as latitude,
    merged.coordinates['longitude'] as longitude,
    newest_slice.directory_release,
    lad_slice.directory_release as lad_release,
    coalesce(
        ward_slice.directory_release,
        case when best_fit.ward_code is not null then 'best_fit' end
    ) as ward_release,
    coalesce(
        lsoa11_slice.directory_release,
        case when areas.lsoa11_code is not null then 'lookup' end
    ) as lsoa11_release,
    coalesce(
        lsoa21_slice.directory_release,
        case when areas.lsoa21_code is not null then 'lookup' end
    ) as lsoa21_release,
    null_reasons([
        [
            'lsoa11_code',
            case
                when areas.lsoa11_code is not null then null
                when not merged.has_grid then 'no_grid'
                else 'not_supplied'
            end
        ],
        [
            'lsoa21_code',
            case
                when areas.lsoa21_code is not null then null
                when not merged.has_grid then 'no_grid'
                else 'not_supplied'
            end
        ],
        [
            'ward_code',
            case
                when coalesce(merged.ward_code, best_fit.ward_code) is null then 'not_supplied'
            end
        ],
        ['lad_code', case when merged.lad_code is null then 'not_supplied' end],
        ['introduced', case when merged.introduced is null then 'not_supplied' end],
        ['user_type', case when merged.user_type is null then 'not_supplied' end]
    ]) as null_reasons
from merged
inner join slices as newest_slice
    on merged.newest = newest_slice.preference
left join slices as lad_slice
    on merged.lad_from = lad_slice.preference
left join slices as lsoa11_slice
    on merged.lsoa11_from = lsoa11_slice.preference
left join slices as lsoa21_slice
    on merged.lsoa21_from = lsoa21_slice.preference
left join slices as ward_slice
    on merged.ward_from = ward_slice.preference
inner join areas
    on merged.pcds = areas.pcds
left join best_fit
    on merged.pcds = best_fit.pcds
left join stage.district as active_district
    on areas.lad_code = active_district.lad_code
