-- Grain: one group in one financial year.
-- Rates of acceptance are of referrals, the caseload is of people (B-16). Changes and
-- completeness are those of the whole service. Of what was not sent, or cannot be told without what
-- was not sent, there is no nought and no share.
-- in_open_table names the rows that the open table has: whole years of the whole service.
with parameter as (
    select max(parameters.parameter_value) as least_pairs
    from ref.hf_parameters as parameters
    where parameters.parameter = 'least_pairs'
),

referral as (
    select
        referral.body_code,
        referral.financial_year,
        unnest(
            [
                {'breakdown': 'all', 'value': 'all'},
                {
                    'breakdown': 'service_district',
                    'value': coalesce(referral.referring_lad_code, 'not_known')
                }
            ]
        ) as cell,
        referral.decision
    from stage.hf_referrals as referral
),

referred as (
    select
        referral.body_code,
        referral.financial_year,
        referral.cell.breakdown as breakdown,
        referral.cell.value as breakdown_value,
        count(*) as referrals,
        count(*) filter (where referral.decision = 'accepted') as accepted_referrals
    from referral
    group by all
),

person as (
    select
        cases.body_code,
        cases.extract_date,
        cases.housed_on,
        case
            when cases.decision = 'accepted'
                then coalesce(cases.accepted_on, cases.referral_on)
        end as accepted_on,
        unnest(
            [
                {'breakdown': 'all', 'value': 'all'},
                {
                    'breakdown': 'service_district',
                    'value': coalesce(cases.service_lad_code, 'not_known')
                }
            ]
        ) as cell
    from stage.hf_cases as cases
),

happened as (
    select
        person.body_code,
        person.cell.breakdown as breakdown,
        person.cell.value as breakdown_value,
        calendar.financial_year,
        count(*) filter (where calendar.calendar_date = person.accepted_on) as accepted,
        count(*) filter (where calendar.calendar_date = person.housed_on) as started
    from person
    inner join stage.hf_calendar as calendar
        on calendar.calendar_date in (person.accepted_on, person.housed_on)
    group by all
),

open_case as (
    select
        years.body_code,
        years.financial_year,
        years.year_end,
        years.is_active,
        years.is_housed,
        unnest(
            [
                {'breakdown': 'all', 'value': 'all'},
                {
                    'breakdown': 'service_district',
                    'value': coalesce(years.service_lad_code, 'not_known')
                }
            ]
        ) as cell
    from stage.hf_years as years
),

caseload as (
    select
        open_case.body_code,
        open_case.financial_year,
        open_case.cell.breakdown as breakdown,
        open_case.cell.value as breakdown_value,
        count(*) filter (where open_case.is_active) as active,
        count(*) filter (where open_case.is_active and open_case.is_housed) as housed
    from open_case
    group by all
),

year_of_body as (
    select
        extract.body_code,
        calendar.financial_year,
        least(max(calendar.calendar_date), max(extract.extract_date)) as year_end,
        max(calendar.calendar_date) <= max(extract.extract_date) as is_whole_year
    from (
        select
            cases.body_code,
            max(cases.extract_date) as extract_date,
            min(cases.first_referral_on) as first_day
        from stage.hf_cases as cases
        group by cases.body_code
    ) as extract
    inner join stage.hf_calendar as calendar
        on true
    group by extract.body_code, calendar.financial_year
    having
        min(calendar.calendar_date) <= max(extract.extract_date)
        and max(calendar.calendar_date) >= max(extract.first_day)
),

cells as (
    select referred.body_code, referred.breakdown, referred.breakdown_value from referred
    union
    select happened.body_code, happened.breakdown, happened.breakdown_value from happened
),

paired as (
    select
        changes.body_code,
        changes.financial_year,
        max(changes.mean_change) filter (where changes.measure = 'swemwbs') as swemwbs_change,
        max(changes.pairs) filter (where changes.measure = 'swemwbs') as swemwbs_pairs,
        max(changes.due) filter (where changes.measure = 'swemwbs') as swemwbs_due,
        max(changes.pairs) filter (where changes.measure = 'life_satisfaction') as life_pairs,
        max(changes.due) filter (where changes.measure = 'life_satisfaction') as life_due,
        max(changes.mean_change) filter (where changes.measure = 'life_satisfaction')
            as life_satisfaction_change,
        max(changes.pairs) filter (where changes.measure = 'anxious_yesterday') as anxiety_pairs,
        max(changes.due) filter (where changes.measure = 'anxious_yesterday') as anxiety_due,
        max(changes.mean_change) filter (where changes.measure = 'anxious_yesterday')
            as anxiety_change
    from stage.hf_paired as changes
    where changes.wave = '12' and changes.breakdown = 'all'
    group by changes.body_code, changes.financial_year
),

every_row as (
    select
        year_of_body.body_code,
        year_of_body.financial_year,
        cells.breakdown,
        cells.breakdown_value,
        year_of_body.year_end,
        year_of_body.is_whole_year,
        coalesce(referred.referrals, 0) as referrals,
        coalesce(referred.accepted_referrals, 0) as accepted_referrals,
        coalesce(happened.accepted, 0) as accepted,
        case when supply.has_tenancy then coalesce(happened.started, 0) end as started,
        case when supply.tells_caseload then coalesce(caseload.active, 0) end as active,
        case
            when supply.tells_caseload and supply.tells_spells then coalesce(caseload.housed, 0)
        end as housed,
        supply.tells_waiting,
        supply.has_assessment,
        waited.median_days,
        cells.breakdown = 'all' as is_all,
        paired.swemwbs_change,
        paired.swemwbs_pairs,
        paired.swemwbs_due,
        paired.life_pairs,
        paired.life_due,
        paired.life_satisfaction_change,
        paired.anxiety_pairs,
        paired.anxiety_due,
        paired.anxiety_change,
        parameter.least_pairs,
        completeness.filled_share,
        completeness.fields_without
    from year_of_body
    cross join parameter
    inner join stage.hf_supplies as supply
        on year_of_body.body_code = supply.body_code
    inner join cells
        on year_of_body.body_code = cells.body_code
    left join referred
        on
            year_of_body.body_code = referred.body_code
            and year_of_body.financial_year = referred.financial_year
            and cells.breakdown = referred.breakdown
            and cells.breakdown_value = referred.breakdown_value
    left join happened
        on
            year_of_body.body_code = happened.body_code
            and year_of_body.financial_year = happened.financial_year
            and cells.breakdown = happened.breakdown
            and cells.breakdown_value = happened.breakdown_value
    left join caseload
        on
            year_of_body.body_code = caseload.body_code
            and year_of_body.financial_year = caseload.financial_year
            and cells.breakdown = caseload.breakdown
            and cells.breakdown_value = caseload.breakdown_value
    left join housing_first.time_to_housed as waited
        on
            year_of_body.body_code = waited.body_code
            and year_of_body.financial_year = waited.cohort
            and cells.breakdown = waited.breakdown
            and cells.breakdown_value = waited.breakdown_value
            and waited.landmark_months = 1
    left join paired
        on
            year_of_body.body_code = paired.body_code
            and year_of_body.financial_year = paired.financial_year
            and cells.breakdown = 'all'
    left join housing_first.record_completeness as completeness
        on
            year_of_body.body_code = completeness.body_code
            and year_of_body.financial_year = completeness.financial_year
            and completeness.field = 'all'
            and cells.breakdown = 'all'
)

select
    every_row.body_code,
    every_row.financial_year,
    every_row.breakdown,
    every_row.breakdown_value,
    coalesce(district.lad_name, every_row.breakdown_value) as breakdown_label,
    every_row.year_end,
    every_row.is_whole_year,
    every_row.referrals,
    every_row.accepted_referrals,
    share(every_row.accepted_referrals, every_row.referrals) as acceptance_share,
    every_row.accepted,
    every_row.started,
    every_row.active,
    every_row.housed,
    share(every_row.housed, every_row.active) as housed_share,
    every_row.median_days as days_to_housed_median,
    case when every_row.swemwbs_pairs >= every_row.least_pairs then every_row.swemwbs_change end
        as swemwbs_change,
    every_row.swemwbs_pairs,
    every_row.swemwbs_due,
    case
        when every_row.life_pairs >= every_row.least_pairs
            then every_row.life_satisfaction_change
    end as life_satisfaction_change,
    every_row.life_pairs as life_satisfaction_pairs,
    every_row.life_due as life_satisfaction_due,
    case when every_row.anxiety_pairs >= every_row.least_pairs then every_row.anxiety_change end
        as anxiety_change,
    every_row.anxiety_pairs,
    every_row.anxiety_due,
    every_row.filled_share as record_completeness_share,
    every_row.fields_without as record_completeness_without,
    null_reasons(
        [
            ['acceptance_share', case when every_row.referrals = 0 then 'zero_base' end],
            ['started', case when every_row.started is null then 'not_supplied' end],
            ['active', case when every_row.active is null then 'not_supplied' end],
            ['housed', case when every_row.housed is null then 'not_supplied' end],
            [
                'housed_share',
                case
                    when every_row.housed is null then 'not_supplied'
                    when every_row.active = 0 then 'zero_base'
                end
            ],
            [
                'days_to_housed_median',
                case
                    when not every_row.tells_waiting then 'not_supplied'
                    when every_row.median_days is null then 'too_few_or_not_half_housed'
                end
            ],
            [
                'swemwbs_change',
                case
                    when not every_row.is_all then 'whole_service_alone'
                    when not every_row.has_assessment then 'not_supplied'
                    when coalesce(every_row.swemwbs_pairs, 0) < every_row.least_pairs
                        then 'too_few_pairs'
                end
            ],
            [
                'life_satisfaction_change',
                case
                    when not every_row.is_all then 'whole_service_alone'
                    when not every_row.has_assessment then 'not_supplied'
                    when coalesce(every_row.life_pairs, 0) < every_row.least_pairs
                        then 'too_few_pairs'
                end
            ],
            [
                'anxiety_change',
                case
                    when not every_row.is_all then 'whole_service_alone'
                    when not every_row.has_assessment then 'not_supplied'
                    when coalesce(every_row.anxiety_pairs, 0) < every_row.least_pairs
                        then 'too_few_pairs'
                end
            ],
            [
                'record_completeness_share',
                case
                    when not every_row.is_all then 'whole_service_alone'
                    when every_row.active is null then 'not_supplied'
                    when every_row.filled_share is null then 'zero_base'
                end
            ]
        ]
    ) as null_reasons,
    every_row.is_all and every_row.is_whole_year as in_open_table,
    cast(null as varchar) as withheld
from every_row
left join stage.hf_district_names as district
    on every_row.breakdown_value = district.lad_code
