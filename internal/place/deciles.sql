-- Grain: one postcode as written, on one day.
-- The decile of a home and its district say enough of many a person; the LSOA, of some 1,500 people, says
-- more than is needed.
with placed as (
/* places */
),
decile as (
    select
        lsoa.iod_edition,
        lsoa.vintage,
        lsoa.lsoa_code,
        lsoa.imd_decile
    from geo.lsoa as lsoa
    inner join ref.iod_edition as editions
        on lsoa.iod_edition = editions.iod_edition and lsoa.vintage = editions.lsoa_vintage
),
lived_in as (
    select
        placed.postcode_text,
        placed.on_date,
        places.vintage,
        places.lsoa_code
    from placed
    cross join lateral (values ('2011', placed.lsoa11_code), ('2021', placed.lsoa21_code)) as places (vintage, lsoa_code)
)
select
    placed.postcode_text,
    placed.on_date,
    placed.lad_code,
    -- deciles
    placed.place_status,
    placed.directory_release
from placed
left join lived_in
    on placed.postcode_text = lived_in.postcode_text and placed.on_date is not distinct from lived_in.on_date
left join decile
    on lived_in.vintage = decile.vintage and lived_in.lsoa_code = decile.lsoa_code
group by placed.postcode_text, placed.on_date, placed.lad_code, placed.place_status, placed.directory_release
