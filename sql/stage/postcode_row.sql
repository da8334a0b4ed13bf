-- grain: one postcode in one part of one release of one directory
-- Pseudo codes for places outside (E99999999, L93000001, M83000003 and their like) become null, and
-- a postcode without a grid reference has no LSOA, whatever value stands in the column.
with standard as (
    select
        -- Directories write the standard form nearly always; only the rest is folded.
        case
            when regexp_full_match(postcodes.pcds, '[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}')
                then postcodes.pcds
            else coalesce(postcode_pcds(postcodes.pcds), postcode_spaced(postcodes.pcds))
        end as pcds,
        postcodes.directory,
        release_month(postcodes.release) as release_month,
        postcodes.part,
        postcodes.introduced,
        postcodes.terminated,
        postcodes.user_type,
        postcodes.easting,
        postcodes.northing,
        postcodes.grid_quality,
        postcodes.country_code,
        postcodes.lad_code,
        postcodes.ward_code,
        postcodes.lsoa11_code,
        postcodes.lsoa21_code,
        postcodes.imd_rank_2019,
        postcodes.imd_rank_2025,
        postcodes.latitude,
        postcodes.longitude
    from raw.geography_postcodes as postcodes
)

select
    standard.pcds,
    standard.directory,
    standard.release_month,
    standard.part,
    standard.introduced,
    standard.terminated,
    standard.user_type,
    coalesce(postcode_grid_quality.is_located, false) and standard.easting is not null as has_grid,
    standard.easting,
    standard.northing,
    case
        when not regexp_full_match(standard.country_code, '[A-Z]99999999|L93.*|M83.*')
            then standard.country_code
    end as country_code,
    case
        when not regexp_full_match(standard.lad_code, '[A-Z]99999999|L99.*|M99.*')
            then standard.lad_code
    end as lad_code,
    case
        when not regexp_full_match(standard.ward_code, '[A-Z]99999999|L99.*|M99.*')
            then standard.ward_code
    end as ward_code,
    case
        when coalesce(postcode_grid_quality.is_located, false)
            and regexp_full_match(standard.lsoa11_code, '[EW]01[0-9]{6}')
            then standard.lsoa11_code
    end as lsoa11_code,
    case
        when coalesce(postcode_grid_quality.is_located, false)
            and regexp_full_match(standard.lsoa21_code, '[EW]01[0-9]{6}')
            then standard.lsoa21_code
    end as lsoa21_code,
    standard.imd_rank_2019,
    standard.imd_rank_2025,
    case when standard.latitude < 90 then standard.latitude end as latitude,
    case when standard.latitude < 90 then standard.longitude end as longitude
from standard
left join ref.postcode_grid_quality as postcode_grid_quality
    on
        standard.directory = postcode_grid_quality.directory
        and standard.grid_quality = postcode_grid_quality.grid_quality
