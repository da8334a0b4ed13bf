-- Grain: one postcode as written, on one day.
-- Rules: methods C7 (which row of the directory), C8 (repairs), C10 (no row is dropped).
with texts as (
    select
        postcode_text,
        postcode_class(postcode_text) as class,
        postcode_pcds(postcode_text) as pcds,
        postcode_repair(postcode_text) as repaired_pcds
    from (select distinct postcode_text from svw_place_given)
),
-- An area missing from the directory proves nothing unless the directory holds every district of
-- the site.
directory as (
    select
        exists (select 1 from geo.postcode) as is_loaded,
        not exists (
            select 1
            from site.area as area
            where not exists (select 1 from geo.postcode as postcode where postcode.lad_code = area.lad_code)
        ) as is_whole
),
found as (
    select
        texts.postcode_text,
        texts.class,
        postcode.pcds is not null as is_found,
        postcode.pcds = texts.repaired_pcds as is_repaired,
        postcode.introduced,
        postcode.terminated,
        postcode.user_type,
        postcode.has_grid,
        postcode.country_code,
        postcode.lad_code,
        postcode.lsoa11_code,
        postcode.lsoa21_code,
        postcode.directory_release,
        area.postcode_area is not null or not directory.is_whole as area_covered,
        directory.is_loaded
    from texts
    cross join directory
    left join geo.postcode as postcode on coalesce(texts.pcds, texts.repaired_pcds) = postcode.pcds
    left join stage.postcode_area as area on postcode_area(texts.pcds) = area.postcode_area
),
judged as (
    select
        given.postcode_text,
        given.on_date,
        found.lad_code,
        found.lsoa11_code,
        found.lsoa21_code,
        found.directory_release,
        found.is_loaded,
        place_status(
            found.class, found.is_found, found.is_repaired, found.introduced, found.terminated, found.user_type,
            found.has_grid, found.country_code, found.area_covered, given.on_date
        ) as judged_status
    from svw_place_given as given
    inner join found on given.postcode_text = found.postcode_text
)
select
    judged.postcode_text,
    judged.on_date,
    case when status.gives_lsoa then judged.lad_code end as lad_code,
    case when status.gives_lsoa then judged.lsoa11_code end as lsoa11_code,
    case when status.gives_lsoa then judged.lsoa21_code end as lsoa21_code,
    case
        when not judged.is_loaded and judged.judged_status in ('invalid_unknown', 'outside_directory') then 'unplaced'
        else judged.judged_status
    end as place_status,
    judged.directory_release
from judged
left join ref.place_status as status on judged.judged_status = status.place_status
