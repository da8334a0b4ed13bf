-- Grain: one tenancy.
-- How long each tenancy was followed, and how that ended (methods, B4). Open is open: it is
-- followed to the day of the extract and is no failure. Where the case was closed, and the
-- tenancy is said to be neither ended nor seen again, it is followed to the closing alone; where
-- it is closed without a day and nobody met the person lately, to the last contact. Prison in a
-- tenancy that is kept ends nothing.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'contact_days')
            as contact_days,
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'grouping_version')
            as bigint
        ) as grouping_version,
        cast(
            cast(
                max(parameters.parameter_value) filter (where parameters.parameter = 'iod_edition')
                as integer
            ) as varchar
        ) as iod_edition
    from ref.hf_parameters as parameters
),

counted as (
    select tenancy.*
    from raw.housingfirst_tenancy as tenancy
    inner join stage.hf_supplies as supply
        on tenancy.body_code = supply.body_code and tenancy.extract_date = supply.extract_date
),

known as (
    select
        counted.*,
        parameter.iod_edition,
        closure.closed_on,
        case when closure.died_on >= counted.start_date then closure.died_on end as died_on,
        contact.last_contact_on,
        coalesce(groups.end_group, 'unknown') as group_of_reason,
        counted.tenancy_status = 'CLOSED' and counted.end_date is null as is_closed_without_day,
        contact.last_contact_on >= counted.extract_date - cast(parameter.contact_days as integer)
            as was_met_lately
    from counted
    cross join parameter
    left join stage.hf_closures as closure
        on counted.body_code = closure.body_code and counted.person_key = closure.person_key
    left join stage.hf_last_contacts as contact
        on counted.body_code = contact.body_code and counted.person_key = contact.person_key
    left join ref.hf_end_groups as groups
        on
            parameter.grouping_version = groups.grouping_version
            and counted.end_reason = groups.end_reason
),

ended as (
    select
        known.*,
        case
            when known.end_date is not null then known.group_of_reason
            when known.died_on is not null then 'death'
            when known.is_closed_without_day and not coalesce(known.was_met_lately, false)
                then 'lost_to_record'
            when known.closed_on >= known.start_date then 'case_closed'
            else 'open'
        end as end_group
    from known
)

select
    ended.body_code,
    ended.tenancy_key,
    ended.person_key,
    row_number() over (
        partition by ended.body_code, ended.person_key
        order by ended.start_date, ended.tenancy_key
    ) as place_of_person,
    ended.start_date,
    ended.end_date,
    ended.extract_date,
    case
        when ended.end_date is not null then ended.end_date
        when ended.end_group = 'death' then least(ended.died_on, ended.extract_date)
        when ended.end_group = 'lost_to_record'
            then greatest(ended.start_date, coalesce(ended.last_contact_on, ended.start_date))
        when ended.end_group = 'case_closed' then least(ended.closed_on, ended.extract_date)
        else ended.extract_date
    end as observed_to,
    ended.end_group,
    coalesce(ended.is_closed_without_day, false) as is_closed_without_day,
    lower(ended.landlord_type) as landlord_type,
    financial_year(
        ended.start_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    case when lsoa.in_area then lsoa.active_lad_code end as lad_code,
    case when lsoa.in_area then lsoa.imd_decile end as imd_decile,
    case
        when lsoa.in_area then 'placed'
        when coalesce(places.table_status, 'unplaced') = 'placed' then 'outside_area'
        else coalesce(places.table_status, 'unplaced')
    end as place_status,
    ended.iod_edition
from ended
cross join site.settings as settings
left join ref.iod_edition as editions
    on ended.iod_edition = editions.iod_edition
left join geo.lsoa as lsoa
    on
        editions.iod_edition = lsoa.iod_edition
        and editions.lsoa_vintage = lsoa.vintage
        and lsoa.lsoa_code = case editions.lsoa_vintage
            when '2011' then ended.tenancy_lsoa11_code
            else ended.tenancy_lsoa21_code
        end
left join ref.place_status as places
    on ended.tenancy_place_status = places.place_status
