-- Grain: one person in one financial year in which the case was open.
-- Without closings nobody knows whose case was open, and without all homes nobody knows who was housed.
with year_end as (
    select
        calendar.financial_year,
        min(calendar.calendar_date) as first_day,
        max(calendar.calendar_date) as last_day
    from stage.hf_calendar as calendar
    group by calendar.financial_year
),

open_case as (
    select
        cases.body_code,
        cases.person_key,
        cases.service_lad_code,
        cases.age_band,
        coalesce(cases.accepted_on, cases.referral_on) as open_from,
        cases.closed_on,
        cases.extract_date,
        supply.tells_spells
    from stage.hf_cases as cases
    inner join stage.hf_supplies as supply
        on cases.body_code = supply.body_code and supply.tells_caseload
    where cases.decision = 'accepted'
)

select
    open_case.body_code,
    year_end.financial_year,
    least(year_end.last_day, open_case.extract_date) as year_end,
    open_case.person_key,
    open_case.open_from <= least(year_end.last_day, open_case.extract_date)
    and coalesce(open_case.closed_on > least(year_end.last_day, open_case.extract_date), true)
        as is_active,
    case
        when open_case.tells_spells
            then coalesce(
                bool_or(
                    spell.start_date <= least(year_end.last_day, open_case.extract_date)
                    and (
                        spell.observed_to > least(year_end.last_day, open_case.extract_date)
                        or (
                            spell.end_group = 'open'
                            and spell.observed_to
                            >= least(year_end.last_day, open_case.extract_date)
                        )
                    )
                ),
                false
            )
    end as is_housed,
    open_case.service_lad_code,
    open_case.age_band
from open_case
inner join year_end
    on
        open_case.open_from <= year_end.last_day
        and coalesce(open_case.closed_on >= year_end.first_day, true)
        and year_end.first_day <= open_case.extract_date
left join stage.hf_spells as spell
    on open_case.body_code = spell.body_code and open_case.person_key = spell.person_key
group by
    open_case.body_code, year_end.financial_year, year_end.first_day, year_end.last_day,
    open_case.extract_date, open_case.person_key, open_case.open_from, open_case.closed_on,
    open_case.service_lad_code, open_case.age_band, open_case.tells_spells
