-- Grain: one aim.
-- Funded learners are those of the adult skills model with a code of the site's bodies. Where a
-- year has no list of codes, all of the model that were sent count, and the row says so. An aim is due
-- when its planned end lies in the year and its outcome is there; who withdrew has not achieved. One
-- that goes on past its planned end, or whose outcome is not known yet, is awaited: that is no failure.
with edition as (
    select
        cast(cast(max(parameters.parameter_value) as integer) as varchar) as iod_edition
    from ref.skills_parameters as parameters
    where parameters.parameter = 'iod_edition'
),

model as (
    select cast(max(parameters.parameter_value) as bigint) as fund_model
    from ref.skills_parameters as parameters
    where parameters.parameter = 'adult_skills_model'
),

listed as (
    select codes.academic_year
    from raw.skills_funding_codes as codes
    group by codes.academic_year
),

ours as (
    select codes.academic_year, codes.funding_source
    from raw.skills_funding_codes as codes
    group by codes.academic_year, codes.funding_source
),

aim as (
    select
        aims.*,
        aims.planned_end >= make_date(cast(left(aims.academic_year, 4) as integer), 8, 1)
        and aims.planned_end < make_date(cast(left(aims.academic_year, 4) as integer) + 1, 8, 1)
            as ends_in_year,
        coalesce(aims.outcome in (1, 2, 3), false) or coalesce(aims.completion = 3, false)
            as has_outcome
    from raw.skills_aims as aims
)

select
    aim.body_code,
    aim.academic_year,
    aim.provider_ukprn,
    aim.learner_ref_key,
    aim.aim_number,
    coalesce(
        cast(aim.learner_key as varchar),
        concat(aim.provider_ukprn, '/', cast(aim.learner_ref_key as varchar))
    ) as learner_key,
    coalesce(aim.age_band, 'not_recorded') as age_band,
    case when lsoa.in_area then lsoa.active_lad_code end as lad_code,
    case when lsoa.in_area then lsoa.imd_decile end as imd_decile,
    case when lsoa.in_area then lsoa.imd_quintile end as imd_quintile,
    case
        when lsoa.in_area then 'placed'
        when coalesce(places.table_status, 'unplaced') = 'placed' then 'outside_area'
        else coalesce(places.table_status, 'unplaced')
    end as place_status,
    editions.iod_edition,
    aim.ends_in_year and aim.has_outcome as is_due,
    aim.ends_in_year and not aim.has_outcome as is_awaited,
    coalesce(aim.outcome = 1, false) as is_achieved,
    case when listed.academic_year is null then 'as_sent' else 'by_code' end as funding_basis
from aim
inner join model
    on aim.fund_model = model.fund_model
left join listed
    on aim.academic_year = listed.academic_year
left join ours
    on aim.academic_year = ours.academic_year and aim.funding_source = ours.funding_source
inner join edition
    on true
inner join ref.iod_edition as editions
    on edition.iod_edition = editions.iod_edition
left join geo.lsoa as lsoa
    on
        editions.iod_edition = lsoa.iod_edition
        and editions.lsoa_vintage = lsoa.vintage
        and lsoa.lsoa_code = case editions.lsoa_vintage
            when '2011' then aim.learning_start_lsoa11_code
            else aim.learning_start_lsoa21_code
        end
left join ref.place_status as places
    on aim.learning_start_place_status = places.place_status
where listed.academic_year is null or ours.funding_source is not null
