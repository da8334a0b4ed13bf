-- Grain: financial_year, pair of LSOAs, place_status, issuing_authority and pass_type.
-- For years of which counts were kept they stand, since the rows of people may be gone in part.
with kept_years as (
    select kept.financial_year
    from stage.travel_kept_passes as kept
    group by kept.financial_year
)

select
    counts.financial_year,
    counts.lsoa11_code,
    counts.lsoa21_code,
    counts.place_status,
    counts.issuing_authority,
    counts.pass_type,
    counts.live_passes,
    counts.active_passes,
    counts.with_age,
    counts.pass_days,
    counts.expired_passes,
    counts.lapsed_passes,
    false as is_kept
from stage.travel_pass_counts as counts
where counts.financial_year not in (select kept_years.financial_year from kept_years)
union all
select
    kept.financial_year,
    kept.lsoa11_code,
    kept.lsoa21_code,
    kept.place_status,
    kept.issuing_authority,
    kept.pass_type,
    kept.live_passes,
    kept.active_passes,
    cast(null as bigint) as with_age,
    kept.pass_days,
    kept.expired_passes,
    kept.lapsed_passes,
    true as is_kept
from stage.travel_kept_passes as kept
