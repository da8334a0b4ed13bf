-- Grain: one person of one measure, once for each group the person is counted in.
-- The clock of a tenancy starts with the tenancy, not with acceptance. A negative end is the
-- event, a death ends the risk, and all else is followed until then (methods, B4). Time from
-- referral to a home is its own measure, whose event is being housed. Nobody is followed where
-- something was not sent that would say until when, and no group is made of what was not sent.
with followed as (
    select
        'first_tenancy' as measure,
        tenancy.body_code,
        tenancy.person_key,
        tenancy.start_date,
        tenancy.observed_to,
        tenancy.extract_date,
        case tenancy.end_group
            when 'negative' then 'event'
            when 'death' then 'competing'
            when 'unknown' then 'unknown'
            else 'censored'
        end as outcome
    from stage.hf_tenancies as tenancy
    inner join stage.hf_supplies as supply
        on tenancy.body_code = supply.body_code and supply.tells_homes_kept
    where tenancy.place_of_person = 1
    union all
    select
        'person_spell' as measure,
        spell.body_code,
        spell.person_key,
        spell.start_date,
        spell.observed_to,
        spell.extract_date,
        case spell.end_group
            when 'negative' then 'event'
            when 'death' then 'competing'
            when 'unknown' then 'unknown'
            else 'censored'
        end as outcome
    from stage.hf_spells as spell
    inner join stage.hf_supplies as supply
        on spell.body_code = supply.body_code and supply.tells_spells
    where spell.spell = 1
    union all
    -- Who was housed before being referred waits for nothing, and is left out.
    select
        'referral_to_housed' as measure,
        waiting.body_code,
        waiting.person_key,
        waiting.referral_on as start_date,
        case
            when waiting.housed_after_referral_on is not null
                then waiting.housed_after_referral_on
            else least(
                waiting.extract_date,
                greatest(waiting.referral_on, coalesce(waiting.closed_on, waiting.extract_date))
            )
        end as observed_to,
        waiting.extract_date,
        case
            when waiting.housed_after_referral_on is not null then 'event'
            when waiting.died_on >= waiting.referral_on then 'competing'
            else 'censored'
        end as outcome
    from stage.hf_cases as waiting
    inner join stage.hf_supplies as supply
        on waiting.body_code = supply.body_code and supply.tells_waiting
    where
        waiting.decision = 'accepted'
        and waiting.referral_on <= waiting.extract_date
        and coalesce(waiting.housed_on >= waiting.referral_on, true)
),

in_cohorts as (
    select
        followed.*,
        unnest(
            [
                'all',
                financial_year(
                    followed.start_date,
                    settings.financial_year_start_month,
                    settings.financial_year_start_day
                )
            ]
        ) as cohort
    from followed
    cross join site.settings as settings
),

counted as (
    select
        in_cohorts.*,
        unnest(
            [
                {'breakdown': 'all', 'value': 'all', 'needs_home': false, 'is_sent': true},
                {
                    'breakdown': 'service_district',
                    'value': coalesce(cases.service_lad_code, 'not_known'),
                    'needs_home': false,
                    'is_sent': supply.has_referral
                },
                {
                    'breakdown': 'age_band',
                    'value': coalesce(cases.age_band, 'not_recorded'),
                    'needs_home': false,
                    'is_sent': supply.has_person
                },
                {
                    'breakdown': 'tenancy_district',
                    'value': coalesce(cases.tenancy_lad_code, cases.place_status, 'unplaced'),
                    'needs_home': true,
                    'is_sent': true
                },
                {
                    'breakdown': 'imd_quintile',
                    'value': coalesce(
                        cast(cast(ceil(cases.imd_decile / 2) as integer) as varchar),
                        cases.place_status,
                        'unplaced'
                    ),
                    'needs_home': true,
                    'is_sent': true
                }
            ]
        ) as cell
    from in_cohorts
    inner join stage.hf_supplies as supply
        on in_cohorts.body_code = supply.body_code
    left join stage.hf_cases as cases
        on in_cohorts.body_code = cases.body_code and in_cohorts.person_key = cases.person_key
)

select
    counted.body_code,
    counted.measure,
    counted.cohort,
    counted.cell.breakdown as breakdown,
    counted.cell.value as breakdown_value,
    counted.person_key,
    cast(counted.observed_to - counted.start_date as bigint) as time_days,
    cast(calendar_months(counted.start_date, counted.observed_to) as double) as time_months,
    cast(counted.extract_date - counted.start_date as bigint) as followed_days,
    counted.outcome
from counted
where
    counted.cell.is_sent
    and (counted.measure <> 'referral_to_housed' or not counted.cell.needs_home)
