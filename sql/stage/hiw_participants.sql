-- Grain: one participant of one body.
-- A start counts as entry within so many months of joining; beside it stands whether one came
-- within so many months of leaving. A status of weeks 13 and 26 that is not known is not "no".
with counted as (
    select participant.*
    from raw.skills_participants as participant
    inner join stage.hiw_supplies as supply
        on
            participant.body_code = supply.body_code
            and participant.extract_date = supply.extract_date
),

parameter as (
    select
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'entry_months')
            as integer
        ) as entry_months,
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'after_months')
            as integer
        ) as after_months,
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'allowed_gap_days')
            as integer
        ) as gap_days
    from ref.skills_parameters as parameters
),

edition as (
    select
        cast(cast(max(parameters.parameter_value) as integer) as varchar) as iod_edition
    from ref.skills_parameters as parameters
    where parameters.parameter = 'iod_edition'
)

select
    counted.body_code,
    counted.participant_key,
    counted.household_key,
    counted.extract_date,
    counted.joined_on,
    financial_year(
        counted.joined_on,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    counted.left_on,
    coalesce(counted.age_band, 'not_recorded') as age_band,
    case when lsoa.in_area then lsoa.active_lad_code end as lad_code,
    case when lsoa.in_area then lsoa.imd_decile end as imd_decile,
    case when lsoa.in_area then lsoa.imd_quintile end as imd_quintile,
    case
        when lsoa.in_area then 'placed'
        when coalesce(places.table_status, 'unplaced') = 'placed' then 'outside_area'
        else coalesce(places.table_status, 'unplaced')
    end as place_status,
    editions.iod_edition,
    case
        when evidence.is_verified and counted.job_started_on >= counted.joined_on
            then counted.job_started_on
    end as verified_start_on,
    counted.job_started_on is not null and not coalesce(evidence.is_verified, false)
        as has_unproved_start,
    cast(counted.joined_on + to_months(parameter.entry_months) as date) as entry_ends,
    cast(counted.left_on + to_months(parameter.after_months) as date) as after_ends,
    cast(counted.joined_on + to_months(parameter.entry_months + parameter.after_months) as date)
        as window_ends,
    case counted.week13_status when 'IN_WORK' then true when 'NOT_IN_WORK' then false end
        as is_in_work_13_weeks,
    case
        when counted.week26_status = 'IN_WORK'
            then coalesce(counted.longest_gap_days, 0) <= parameter.gap_days
        when counted.week26_status = 'NOT_IN_WORK' then false
    end as is_in_work_26_weeks
from counted
cross join parameter
cross join site.settings as settings
inner join edition
    on true
inner join ref.iod_edition as editions
    on edition.iod_edition = editions.iod_edition
left join geo.lsoa as lsoa
    on
        editions.iod_edition = lsoa.iod_edition
        and editions.lsoa_vintage = lsoa.vintage
        and lsoa.lsoa_code = case editions.lsoa_vintage
            when '2011' then counted.home_lsoa11_code
            else counted.home_lsoa21_code
        end
left join ref.place_status as places
    on counted.home_place_status = places.place_status
left join ref.skills_evidence as evidence
    on counted.evidence_type = evidence.evidence_type
