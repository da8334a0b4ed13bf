-- grain: one postcode
-- Several directories and releases may be loaded. Every fact comes from the newest release that has
-- it (NSPL before ONSPD before derived before Code-Point Open in one month); an LSOA of the other
-- vintage that no directory has comes from the exact-fit look-up where that leaves no choice.
with ordered as (
    select
        postcode_row.pcds,
        postcode_row.directory,
        postcode_row.release_month,
        concat(postcode_row.directory, '-', postcode_row.release_month) as directory_release,
        -- Larger is preferred: the month, then the directory of lower preference number.
        concat(postcode_row.release_month, ' ', 9 - postcode_directory.preference) as preferred,
        postcode_directory.has_history,
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
    inner join ref.postcode_directory as postcode_directory
        on postcode_row.directory = postcode_directory.directory
),

merged as (
    select
        ordered.pcds,
        arg_max(ordered.directory_release, ordered.preferred) as directory_release,
        -- The newest row speaks for the ending, also when it says the postcode is live.
        arg_max({'month': ordered.terminated}, ordered.preferred)['month'] as terminated,
        arg_max(ordered.introduced, ordered.preferred)
            filter (where ordered.introduced is not null) as introduced,
        arg_max(ordered.user_type, ordered.preferred)
            filter (where ordered.user_type is not null) as user_type,
        arg_max(ordered.has_grid, ordered.preferred)
            filter (where ordered.has_grid is not null) as has_grid,
        arg_max(ordered.easting, ordered.preferred)
            filter (where ordered.has_grid) as easting,
        arg_max(ordered.northing, ordered.preferred)
            filter (where ordered.has_grid) as northing,
        arg_max(ordered.latitude, ordered.preferred)
            filter (where ordered.has_grid and ordered.latitude is not null) as latitude,
        arg_max(ordered.longitude, ordered.preferred)
            filter (where ordered.has_grid and ordered.latitude is not null) as longitude,
        arg_max(ordered.country_code, ordered.preferred)
            filter (where ordered.country_code is not null) as country_code,
        arg_max(ordered.lad_code, ordered.preferred)
            filter (where ordered.lad_code is not null) as lad_code,
        arg_max(ordered.ward_code, ordered.preferred)
            filter (where ordered.ward_code is not null) as ward_code,
        arg_max(ordered.directory_release, ordered.preferred)
            filter (where ordered.lad_code is not null) as lad_release,
        arg_max(ordered.lsoa11_code, ordered.preferred)
            filter (where ordered.lsoa11_code is not null) as lsoa11_code,
        arg_max(ordered.directory_release, ordered.preferred)
            filter (where ordered.lsoa11_code is not null) as lsoa11_release,
        arg_max(ordered.lsoa21_code, ordered.preferred)
            filter (where ordered.lsoa21_code is not null) as lsoa21_code,
        arg_max(ordered.directory_release, ordered.preferred)
            filter (where ordered.lsoa21_code is not null) as lsoa21_release
    from ordered
    group by ordered.pcds
),

only_2011 as (
    select
        lsoa_changes.lsoa21_code,
        min(lsoa_changes.lsoa11_code) as lsoa11_code
    from raw.geography_lsoa_changes as lsoa_changes
    group by lsoa_changes.lsoa21_code
    having count(*) = 1
),

only_2021 as (
    select
        lsoa_changes.lsoa11_code,
        min(lsoa_changes.lsoa21_code) as lsoa21_code
    from raw.geography_lsoa_changes as lsoa_changes
    group by lsoa_changes.lsoa11_code
    having count(*) = 1
)

select
    merged.pcds,
    nullif(regexp_extract(merged.pcds, '^[A-Z]{1,2}'), '') as postcode_area,
    coalesce(merged.lsoa11_code, only_2011.lsoa11_code) as lsoa11_code,
    coalesce(merged.lsoa21_code, only_2021.lsoa21_code) as lsoa21_code,
    merged.ward_code,
    coalesce(district.active_lad_code, merged.lad_code) as lad_code,
    merged.country_code,
    coalesce(active_district.in_area, false) as in_area,
    merged.introduced,
    merged.terminated,
    merged.user_type,
    coalesce(merged.has_grid, false) as has_grid,
    merged.easting,
    merged.northing,
    merged.latitude,
    merged.longitude,
    merged.directory_release,
    merged.lad_release,
    case
        when merged.lsoa11_code is not null then merged.lsoa11_release
        when only_2011.lsoa11_code is not null then 'lookup'
    end as lsoa11_release,
    case
        when merged.lsoa21_code is not null then merged.lsoa21_release
        when only_2021.lsoa21_code is not null then 'lookup'
    end as lsoa21_release,
    null_reasons([
        [
            'lsoa11_code',
            case
                when coalesce(merged.lsoa11_code, only_2011.lsoa11_code) is not null then null
                when not coalesce(merged.has_grid, false) then 'no_grid'
                else 'not_supplied'
            end
        ],
        [
            'lsoa21_code',
            case
                when coalesce(merged.lsoa21_code, only_2021.lsoa21_code) is not null then null
                when not coalesce(merged.has_grid, false) then 'no_grid'
                else 'not_supplied'
            end
        ],
        ['ward_code', case when merged.ward_code is null then 'not_supplied' end],
        ['lad_code', case when merged.lad_code is null then 'not_supplied' end],
        ['introduced', case when merged.introduced is null then 'not_supplied' end],
        ['user_type', case when merged.user_type is null then 'not_supplied' end]
    ]) as null_reasons
from merged
left join only_2011
    on merged.lsoa21_code = only_2011.lsoa21_code
left join only_2021
    on merged.lsoa11_code = only_2021.lsoa11_code
left join stage.district as district
    on merged.lad_code = district.lad_code
left join stage.district as active_district
    on coalesce(district.active_lad_code, merged.lad_code) = active_district.lad_code
