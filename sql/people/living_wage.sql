-- Grain: one body on one snapshot date.
-- Employees paid the Real Living Wage (EM13): the rate outside London that was in force on the snapshot
-- date, which is the newest that must be paid by then (an employer has from the announcement until May;
-- edge case 42, as for suppliers). Rates are those of the pay gap without bonus; who started within the
-- period counts with what a whole period pays. Of several contracts each must reach it. Apprentices stand apart, and those of whom no rate can be made.
-- is_shown says whether the open table may show the figures: those paid it are enough people, and those
-- below it, and all others together, are nobody or enough, in this year and in the last. told_apart says
-- whether it may show apprentices apart from those without a rate, by the same rule.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'living_wage_slack')
            as slack,
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as least_shown
    from ref.pay_parameters as parameters
),

asked as (
    select
        supplies.body_code,
        supplies.snapshot_date,
        max(rates.must_be_paid_from) as in_force_from,
        arg_max(rates.rate_uk_gbp, (rates.must_be_paid_from, rates.rate_uk_gbp)) as living_wage_gbp
    from stage.people_supplies as supplies
    left join ref.real_living_wage_rates as rates
        on supplies.snapshot_date >= rates.must_be_paid_from
    group by supplies.body_code, supplies.snapshot_date
),

contract as (
    select
        people.body_code,
        people.snapshot_date,
        people.hr_person_key,
        people.is_apprentice,
        people.has_pay_figures,
        case
            when people.hourly_rate_gbp is not null
                then coalesce(people.normalised_rate_gbp, people.literal_rate_gbp)
                * coalesce(
                    people.ordinary_gbp / nullif(people.ordinary_gbp + people.bonus_of_period_gbp, 0),
                    1
                )
        end as rate_gbp,
        asked.living_wage_gbp * (1 - parameter.slack) as least_gbp
    from stage.pay_people as people
    cross join parameter
    inner join asked
        on
            people.body_code = asked.body_code
            and people.snapshot_date = asked.snapshot_date
    where people.is_relevant
),

person as (
    select
        contract.body_code,
        contract.snapshot_date,
        bool_or(contract.is_apprentice) as is_apprentice,
        bool_or(contract.has_pay_figures) as has_pay_figures,
        case
            when bool_or(contract.rate_gbp < contract.least_gbp) then false
            when bool_and(contract.rate_gbp >= contract.least_gbp and contract.rate_gbp is not null)
                then true
        end as is_paid
    from contract
    group by contract.body_code, contract.snapshot_date, contract.hr_person_key
),

counted as (
    select
        asked.body_code,
        asked.snapshot_date,
        asked.in_force_from,
        asked.living_wage_gbp,
        count(person.body_code) as employees,
        coalesce(bool_or(person.has_pay_figures), false) and asked.living_wage_gbp is not null
            as has_figures,
        count(*) filter (where not person.is_apprentice and person.is_paid) as paid,
        count(*) filter (where not person.is_apprentice and not person.is_paid) as below,
        count(*) filter (where not person.is_apprentice and person.is_paid is null) as not_known,
        count(*) filter (where person.is_apprentice) as apprentices
    from asked
    left join person
        on
            asked.body_code = person.body_code
            and asked.snapshot_date = person.snapshot_date
    group by asked.body_code, asked.snapshot_date, asked.in_force_from, asked.living_wage_gbp
),

judged as (
    select
        counted.*,
        counted.paid >= parameter.least_shown
        and (counted.below = 0 or counted.below >= parameter.least_shown)
        and (
            counted.apprentices + counted.not_known = 0
            or counted.apprentices + counted.not_known >= parameter.least_shown
        ) as is_large,
        counted.apprentices >= parameter.least_shown
        and (counted.not_known = 0 or counted.not_known >= parameter.least_shown)
            as are_large_apart
    from counted
    cross join parameter
)

select
    judged.body_code,
    judged.snapshot_date,
    financial_year(
        judged.snapshot_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    cast(judged.living_wage_gbp as double) as living_wage_gbp,
    judged.in_force_from,
    case when judged.has_figures then judged.paid end as paid_rounded,
    case when judged.has_figures then judged.below end as below_rounded,
    case when judged.has_figures then judged.apprentices end as apprentices_rounded,
    case when judged.has_figures then judged.employees end as everybody_rounded,
    case when judged.has_figures then judged.not_known end as without_rate,
    case when judged.has_figures then share(judged.paid, judged.paid + judged.below) end
        as paid_share,
    not judged.has_figures
    or (judged.is_large and (prior.is_large or not coalesce(prior.has_figures, false))) as is_shown,
    case
        when
            judged.are_large_apart
            and (prior.are_large_apart or not coalesce(prior.has_figures, false))
            then 'yes'
        else 'no'
    end as told_apart,
    cast(null as varchar) as withheld,
    null_reasons(
        [
            [
                'paid_share',
                case
                    when not judged.has_figures then 'not_supplied'
                    when judged.paid + judged.below = 0 then 'zero_base'
                end
            ]
        ]
    ) as null_reasons
from judged
cross join site.settings as settings
left join judged as prior
    on
        judged.body_code = prior.body_code
        and judged.snapshot_date - to_years(1) = prior.snapshot_date
