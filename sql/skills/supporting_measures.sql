-- Grain: one figure of a supporting measure in one period, of one group on one base.
-- SP15 to SP19, and M26 of adult education: the share of learners in deciles 1 and 2 over that of
-- residents of the age (1 is parity). Who is eligible for the other services, no feed says. A
-- cohort is final when every window of it is over (baseline rule B4); an academic
-- year stands for the nearest financial one (B5), and period_kind says which it is. Learning is told
-- when the final return of the year is in, sustained work of those whose status is known.
with parameter as (
    select max(parameters.parameter_value) as z
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'normal_quantile_95'
),

extract as (
    select
        participant.body_code,
        financial_year(
            max(participant.extract_date),
            max(settings.financial_year_start_month),
            max(settings.financial_year_start_day)
        ) as running_year
    from stage.hiw_participants as participant
    cross join site.settings as settings
    group by participant.body_code
),

programme as (
    select
        groups.body_code,
        groups.financial_year < extract.running_year as is_year_over,
        'financial_year' as period_kind,
        groups.financial_year as period,
        groups.base,
        groups.breakdown,
        groups.breakdown_value,
        groups.iod_edition,
        groups.closed_windows = groups.participants_rounded as is_final,
        unnest(
            [
                {
                    'id': 'SP15',
                    'figure': 'job_within_12_months',
                    'part': groups.job_entries,
                    'whole': groups.closed_windows,
                    'reason': cast(null as varchar)
                },
                {
                    'id': 'SP15',
                    'figure': 'job_with_6_months_after',
                    'part': groups.job_entries_with_after,
                    'whole': groups.closed_windows,
                    'reason': cast(null as varchar)
                },
                {
                    'id': 'SP16',
                    'figure': 'in_work_at_13_weeks',
                    'part': groups.sustained_13_weeks,
                    'whole': groups.known_13_weeks,
                    'reason': case
                        when groups.due_13_weeks = 0 then 'zero_base'
                        else json_extract_string(
                            groups.null_reasons, '$.sustained_13_weeks_share'
                        )
                    end
                },
                {
                    'id': 'SP16',
                    'figure': 'in_work_at_26_weeks',
                    'part': groups.sustained_26_weeks,
                    'whole': groups.known_26_weeks,
                    'reason': case
                        when groups.due_26_weeks = 0 then 'zero_base'
                        else json_extract_string(
                            groups.null_reasons, '$.sustained_26_weeks_share'
                        )
                    end
                },
                {
                    'id': 'SP17',
                    'figure': 'living_in_deciles_1_and_2',
                    'part': groups.most_deprived,
                    'whole': groups.placed,
                    'reason': cast(null as varchar)
                }
            ]
        ) as share_of
    from skills.households_into_work as groups
    left join extract
        on groups.body_code = extract.body_code
    where
        groups.financial_year <> 'all'
        and groups.breakdown in ('all', 'imd_quintile')
),

learning as (
    select
        groups.body_code,
        'academic_year' as period_kind,
        groups.academic_year as period,
        groups.breakdown,
        groups.breakdown_value,
        groups.iod_edition,
        groups.learners_per_1000,
        groups.placed,
        groups.residents_adult,
        groups.outcome_state = 'final' as is_final,
        groups.funding_basis,
        unnest(
            [
                {
                    'id': 'SP18',
                    'figure': 'living_in_deciles_1_and_2',
                    'base': 'learner',
                    'part': case when groups.outcome_state = 'final' then groups.most_deprived end,
                    'whole': groups.placed
                },
                {
                    'id': 'SP19',
                    'figure': 'aims_achieved',
                    'base': 'aim',
                    'part': case when groups.outcome_state = 'final' then groups.aims_achieved end,
                    'whole': groups.aims_due
                }
            ]
        ) as share_of
    from skills.adult_education as groups
    where groups.provider_name = 'all' and groups.breakdown in ('all', 'imd_quintile')
),

shares as (
    select
        programme.body_code,
        programme.share_of.id as indicator_id,
        programme.share_of.figure as figure,
        programme.period_kind,
        programme.period,
        programme.base,
        programme.breakdown,
        programme.breakdown_value,
        programme.iod_edition,
        programme.share_of.part as numerator,
        programme.share_of.whole as denominator,
        case
            when programme.share_of.id = 'SP17' then programme.is_year_over
            else programme.is_final
        end as is_final,
        programme.share_of.reason as null_reason,
        cast(null as varchar) as funding_basis
    from programme
    where not (programme.share_of.id = 'SP17' and programme.breakdown = 'imd_quintile')
    union all
    select
        learning.body_code,
        learning.share_of.id as indicator_id,
        learning.share_of.figure as figure,
        learning.period_kind,
        learning.period,
        learning.share_of.base as base,
        learning.breakdown,
        learning.breakdown_value,
        learning.iod_edition,
        learning.share_of.part as numerator,
        learning.share_of.whole as denominator,
        learning.is_final,
        case when not learning.is_final then 'not_followed_so_long' end as null_reason,
        learning.funding_basis
    from learning
    where not (learning.share_of.id = 'SP18' and learning.breakdown = 'imd_quintile')
),

deprived_residents as (
    select
        groups.body_code,
        groups.academic_year,
        groups.residents_adult
    from skills.adult_education as groups
    where
        groups.provider_name = 'all'
        and groups.breakdown = 'imd_quintile'
        and groups.breakdown_value = '1'
),

reach as (
    select
        learning.body_code,
        learning.period_kind,
        learning.period,
        learning.iod_edition,
        learning.is_final,
        learning.funding_basis,
        share(learning.share_of.part, learning.share_of.whole) as learners_share,
        share(deprived_residents.residents_adult, learning.residents_adult) as residents_share,
        learning.share_of.part as most_deprived,
        learning.share_of.whole as placed
    from learning
    left join deprived_residents
        on
            learning.body_code = deprived_residents.body_code
            and learning.period = deprived_residents.academic_year
    where learning.share_of.id = 'SP18' and learning.breakdown = 'all'
)

select
    shares.body_code,
    shares.indicator_id,
    shares.figure,
    shares.period_kind,
    shares.period,
    shares.base,
    shares.breakdown,
    shares.breakdown_value,
    'share' as unit,
    share(shares.numerator, shares.denominator) as measured_value,
    cast(shares.numerator as double) as numerator,
    cast(shares.denominator as double) as denominator,
    case
        when shares.numerator is not null
            then wilson_low(shares.numerator, shares.denominator, parameter.z)
    end as ci_low,
    case
        when shares.numerator is not null
            then wilson_high(shares.numerator, shares.denominator, parameter.z)
    end as ci_high,
    shares.is_final,
    case
        when shares.indicator_id in ('SP17', 'SP18') or shares.breakdown = 'imd_quintile'
            then shares.iod_edition
    end as iod_edition,
    shares.funding_basis,
    case
        when shares.null_reason is not null then shares.null_reason
        when shares.denominator = 0 then 'zero_base'
        when shares.numerator is null then 'too_few_people'
    end as null_reason
from shares
cross join parameter
union all
select
    job.body_code,
    'SP15' as indicator_id,
    'job_within_12_months_with_open_windows' as figure,
    'financial_year' as period_kind,
    job.cohort as period,
    'participant' as base,
    job.breakdown,
    job.breakdown_value,
    'share' as unit,
    job.entered_share as measured_value,
    null as numerator,
    cast(job.people as double) as denominator,
    job.ci_low,
    job.ci_high,
    null as is_final,
    job.iod_edition,
    null as funding_basis,
    job.null_reason
from skills.time_to_job as job
where job.landmark_months = 12 and job.cohort <> 'all'
union all
select
    learning.body_code,
    'SP18' as indicator_id,
    'learners_per_1000_adults' as figure,
    learning.period_kind,
    learning.period,
    'learner' as base,
    learning.breakdown,
    learning.breakdown_value,
    'per 1000' as unit,
    learning.learners_per_1000 as measured_value,
    cast(learning.placed as double) as numerator,
    cast(learning.residents_adult as double) as denominator,
    null as ci_low,
    null as ci_high,
    learning.is_final,
    case when learning.breakdown = 'imd_quintile' then learning.iod_edition end as iod_edition,
    learning.funding_basis,
    case
        when learning.learners_per_1000 is not null then null
        when not learning.is_final then 'not_followed_so_long'
        when learning.residents_adult is null then 'not_supplied'
        else 'too_few_people'
    end as null_reason
from learning
where learning.share_of.id = 'SP18'
union all
select
    reach.body_code,
    'M26' as indicator_id,
    'adult_education_over_adult_residents' as figure,
    reach.period_kind,
    reach.period,
    'learner' as base,
    'all' as breakdown,
    'all' as breakdown_value,
    'ratio' as unit,
    share(reach.learners_share, reach.residents_share) as measured_value,
    reach.learners_share as numerator,
    reach.residents_share as denominator,
    case
        when reach.most_deprived is not null
            then share(
                wilson_low(reach.most_deprived, reach.placed, parameter.z), reach.residents_share
            )
    end as ci_low,
    case
        when reach.most_deprived is not null
            then share(
                wilson_high(reach.most_deprived, reach.placed, parameter.z), reach.residents_share
            )
    end as ci_high,
    reach.is_final,
    reach.iod_edition,
    reach.funding_basis,
    case
        when not reach.is_final then 'not_followed_so_long'
        when reach.residents_share is null then 'not_supplied'
        when reach.most_deprived is null then 'too_few_people'
    end as null_reason
from reach
cross join parameter
