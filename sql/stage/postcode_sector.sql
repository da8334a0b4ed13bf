-- grain: one postcode sector
-- District of most of a sector's postcodes, for tables by district only, when a unit is not found.
with sectors as (
    select
        -- In standard form the sector is all but the last two letters.
        left(postcode.pcds, len(postcode.pcds) - 2) as sector,
        postcode.lad_code
    from geo.postcode as postcode
    where postcode.lad_code is not null and postcode.pcds like '% ___'
),

counted as (
    select
        sectors.sector,
        sectors.lad_code,
        count(*) as postcodes
    from sectors
    group by sectors.sector, sectors.lad_code
),

ranked as (
    select
        counted.sector,
        counted.lad_code,
        counted.postcodes,
        sum(counted.postcodes) over (partition by counted.sector) as postcodes_in_sector,
        row_number() over (
            partition by counted.sector
            order by counted.postcodes desc, counted.lad_code
        ) as place
    from counted
)

select
    ranked.sector,
    ranked.lad_code,
    ranked.postcodes,
    ranked.postcodes_in_sector,
    share(ranked.postcodes, ranked.postcodes_in_sector) as lad_share
from ranked
where ranked.place = 1
