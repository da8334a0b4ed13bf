-- grain: one postcode in one release of one directory
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
        postcodes.longitude,
        postcodes.part,
        postcodes._load_id as load_id,
        postcodes._source_row as source_row
    from raw.geography_postcodes as postcodes
),

-- A release may be loaded whole and by area: the rows are the same, the first part's is kept.
copies as (
    select
        standard.directory,
        standard.release_month,
        standard.pcds,
        min({'part': standard.part, 'load_id': standard.load_id, 'row': standard.source_row})
            as first_copy
    from standard
    group by standard.directory, standard.release_month, standard.pcds
)

select
    standard.pcds,
    standard.directory,
    standard.release_month,
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
inner join copies
    on
        standard.directory = copies.directory
        and standard.release_month = copies.release_month
        and standard.pcds = copies.pcds
        and standard.part = copies.first_copy['part']
        and standard.load_id = copies.first_copy['load_id']
        and standard.source_row = copies.first_copy['row']
left join ref.postcode_grid_quality as postcode_grid_quality
    on
        standard.directory = postcode_grid_quality.directory
        and standard.grid_quality = postcode_grid_quality.grid_quality
