-- Grain: one kind of contact of one person by one source.
-- Two times of one length on both sides of the first home are compared, for people whose time
-- after is over (methods, B6). A count that is not known makes the sum not known; nought is a
-- count (B-21). Periods that overlap would count contacts twice, and give no rate. Agencies send on days
-- of their own, and periods have their days: the newest file up to the extract that counts is read.
with parameter as (
    select
        cast(
            max(parameters.parameter_value) filter (
                where parameters.parameter = 'contact_window_days'
            ) as integer
        ) as window_days,
        max(parameters.parameter_value) filter (where parameters.parameter = 'days_per_year')
            as days_per_year
    from ref.hf_parameters as parameters
),

newest as (
    select contact.*
    from raw.housingfirst_contact as contact
    inner join stage.hf_supplies as supply
        on contact.body_code = supply.body_code and contact.extract_date <= supply.extract_date
    qualify contact.extract_date = max(contact.extract_date) over (partition by contact.body_code)
),

period as (
    select
        newest.body_code,
        newest.person_key,
        lower(newest.contact_type) as measure,
        lower(newest.information_source) as information_source,
        cases.housed_on,
        newest.contacts,
        newest.period_end - newest.period_start + 1 as period_days,
        newest.period_start >= cases.housed_on - parameter.window_days
        and newest.period_end < cases.housed_on as is_before,
        newest.period_start >= cases.housed_on
        and newest.period_end < cases.housed_on + parameter.window_days as is_after,
        parameter.window_days,
        parameter.days_per_year
    from newest
    cross join parameter
    inner join stage.hf_cases as cases
        on newest.body_code = cases.body_code and newest.person_key = cases.person_key
    where cases.housed_on + parameter.window_days <= newest.extract_date
),

summed as (
    select
        period.body_code,
        period.person_key,
        period.measure,
        period.information_source,
        max(period.housed_on + period.window_days - 1) as over_on,
        max(period.days_per_year) as days_per_year,
        max(period.window_days) as window_days,
        case
            when count(period.contacts) filter (where period.is_before)
                = count(*) filter (where period.is_before)
                then sum(period.contacts) filter (where period.is_before)
        end as contacts_before,
        coalesce(sum(period.period_days) filter (where period.is_before), 0) as days_before,
        case
            when count(period.contacts) filter (where period.is_after)
                = count(*) filter (where period.is_after)
                then sum(period.contacts) filter (where period.is_after)
        end as contacts_after,
        coalesce(sum(period.period_days) filter (where period.is_after), 0) as days_after
    from period
    group by period.body_code, period.person_key, period.measure, period.information_source
)

select
    summed.body_code,
    summed.person_key,
    measures.measure,
    summed.information_source,
    financial_year(
        summed.over_on,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    cast(summed.contacts_before as bigint) as contacts_before,
    cast(summed.days_before as bigint) as days_before,
    cast(summed.contacts_after as bigint) as contacts_after,
    cast(summed.days_after as bigint) as days_after,
    case
        when
            summed.days_before = summed.days_after
            and summed.days_before between 1 and summed.window_days
            then cast(summed.contacts_before as double)
                / (cast(summed.days_before as double) / cast(summed.days_per_year as double))
    end as rate_before,
    case
        when
            summed.days_before = summed.days_after
            and summed.days_after between 1 and summed.window_days
            then cast(summed.contacts_after as double)
                / (cast(summed.days_after as double) / cast(summed.days_per_year as double))
    end as rate_after
from summed
cross join site.settings as settings
inner join ref.hf_outcome_measures as measures
    on summed.measure = measures.measure
