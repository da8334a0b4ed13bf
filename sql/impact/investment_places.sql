-- Grain: one financial year of approval and edition of the Indices.
-- Where the approved money of announced projects goes. The money of a project is divided among its
-- sites by what each is said to get, else equally. A part for the whole area has no place and stands
-- apart; a project without a site, and a site whose postcode has no decile, are unplaced.
with edition as (
    select
        editions.iod_edition,
        cast(editions.lsoa_vintage as integer) as lsoa_vintage
    from ref.iod_edition as editions
    where exists (
        select 1
        from geo.lsoa as lsoa
        where cast(lsoa.iod_edition as varchar) = cast(editions.iod_edition as varchar)
    )
),

site as (
    select
        sites.project_id,
        sites.pcds,
        sites.is_area_wide,
        case
            when
                count(sites.site_gbp) over (partition by sites.project_id)
                = count(*) over (partition by sites.project_id)
                and sum(sites.site_gbp) over (partition by sites.project_id) > 0
                then share(sites.site_gbp, sum(sites.site_gbp) over (partition by sites.project_id))
            else 1.0 / count(*) over (partition by sites.project_id)
        end as site_share
    from stage.impact_sites as sites
),

supplied as (
    select count(*) > 0 as is_supplied
    from stage.impact_sites
),

part as (
    select
        project.approved_financial_year as financial_year,
        edition.iod_edition,
        project.project_id,
        -- More places than a penny has, so that the parts of a project are the whole again.
        cast(cast(project.approved_gbp as double) * coalesce(site.site_share, 1) as decimal(38, 10))
            as part_gbp,
        coalesce(site.is_area_wide, false) as is_area_wide,
        lsoa.imd_decile
    from impact.projects as project
    cross join edition
    left join site on project.project_id = site.project_id
    left join geo.postcode as place on site.pcds = place.pcds
    left join geo.lsoa as lsoa
        on cast(edition.iod_edition as varchar) = cast(lsoa.iod_edition as varchar)
        and case
            when edition.lsoa_vintage = 2011 then place.lsoa11_code
            when edition.lsoa_vintage = 2021 then place.lsoa21_code
        end = lsoa.lsoa_code
    where
        project.is_announced
        and project.approved_gbp is not null
        and project.approved_financial_year is not null
),

summed as (
    select
        part.financial_year,
        part.iod_edition,
        count(distinct part.project_id) as projects,
        sum(part.part_gbp) as approved_gbp,
        coalesce(sum(part.part_gbp) filter (where part.is_area_wide), 0) as area_wide_gbp,
        coalesce(
            sum(part.part_gbp) filter (where not part.is_area_wide and part.imd_decile is not null), 0
        ) as placed_gbp,
        coalesce(
            sum(part.part_gbp) filter (
                where not part.is_area_wide and part.imd_decile <= deprived_most.parameter_value
            ),
            0
        ) as deprived_gbp,
        coalesce(
            sum(part.part_gbp) filter (where not part.is_area_wide and part.imd_decile is null), 0
        ) as unplaced_gbp
    from part
    inner join ref.spend_parameters as deprived_most
        on deprived_most.parameter = 'most_deprived_deciles'
    group by part.financial_year, part.iod_edition
)

select
    summed.financial_year,
    cast(summed.iod_edition as varchar) as iod_edition,
    summed.projects,
    cast(summed.approved_gbp as decimal(18, 2)) as approved_gbp,
    case when supplied.is_supplied then cast(summed.placed_gbp as decimal(18, 2)) end as placed_gbp,
    case when supplied.is_supplied then cast(summed.deprived_gbp as decimal(18, 2)) end as deprived_gbp,
    case when supplied.is_supplied then cast(summed.area_wide_gbp as decimal(18, 2)) end as area_wide_gbp,
    case when supplied.is_supplied then cast(summed.unplaced_gbp as decimal(18, 2)) end as unplaced_gbp,
    null_reasons([
        ['placed_gbp', case when not supplied.is_supplied then 'not_supplied' end],
        ['deprived_gbp', case when not supplied.is_supplied then 'not_supplied' end],
        ['area_wide_gbp', case when not supplied.is_supplied then 'not_supplied' end],
        ['unplaced_gbp', case when not supplied.is_supplied then 'not_supplied' end]
    ]) as null_reasons
from summed
cross join supplied
