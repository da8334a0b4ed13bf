-- Grain: one indicator of one financial year, breakdown value and edition of the Indices.
-- SP15 to SP19, and M26 of adult education, of rows that the open tables of skills show and of nothing
-- else. What became of participants is told of the year in which they joined; an academic year stands
-- for the financial one in which it begins (B5), and figure_basis says so. M26 is the share of learners
-- in deciles 1 and 2 over that of adult residents. Who is eligible for the programme, no feed says.
-- Sustained work is of those whose status is known; learning is told when the final return is in.
with authority as (
    select min(bodies.body_code) as body_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

parameter as (
    select max(parameters.parameter_value) as z
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'normal_quantile_95'
),

programme as (
    select
        groups.body_code,
        groups.financial_year,
        groups.iod_edition,
        unnest(
            [
                {
                    'id': 'SP15',
                    'breakdown': 'all',
                    'value': 'all',
                    'label': 'Participants, a job within 12 months',
                    'part': groups.job_entries,
                    'whole': groups.participants_rounded,
                    'share': case when groups.outcome_state = 'final' then groups.job_entry_share end,
                    'is_final': groups.outcome_state = 'final',
                    'reason': cast(null as varchar),
                    'edition': false
                },
                {
                    'id': 'SP16',
                    'breakdown': 'weeks',
                    'value': '13',
                    'label': 'In work after 13 weeks',
                    'part': groups.sustained_13_weeks,
                    'whole': groups.known_13_weeks,
                    'share': case
                        when groups.outcome_state = 'final' then groups.sustained_13_weeks_share
                    end,
                    'is_final': groups.outcome_state = 'final',
                    'reason': json_extract_string(
                        groups.null_reasons, '$.sustained_13_weeks_share'
                    ),
                    'edition': false
                },
                {
                    'id': 'SP16',
                    'breakdown': 'weeks',
                    'value': '26',
                    'label': 'In work after 26 weeks',
                    'part': groups.sustained_26_weeks,
                    'whole': groups.known_26_weeks,
                    'share': case
                        when groups.outcome_state = 'final' then groups.sustained_26_weeks_share
                    end,
                    'is_final': groups.outcome_state = 'final',
                    'reason': json_extract_string(
                        groups.null_reasons, '$.sustained_26_weeks_share'
                    ),
                    'edition': false
                },
                {
                    'id': 'SP17',
                    'breakdown': 'imd_decile',
                    'value': '1 and 2',
                    'label': 'Participants in deciles 1 and 2',
                    'part': groups.most_deprived,
                    'whole': groups.placed,
                    'share': groups.most_deprived_share,
                    'is_final': true,
                    'reason': cast(null as varchar),
                    'edition': true
                }
            ]
        ) as cell
    from skills.households_into_work as groups
    where groups.in_open_table and groups.base = 'participant'
),

learning as (
    select
        groups.body_code,
        groups.academic_year,
        groups.breakdown,
        groups.breakdown_value,
        groups.iod_edition,
        groups.is_shown,
        groups.most_deprived,
        groups.placed,
        groups.most_deprived_share,
        groups.aims_achieved,
        groups.aims_due,
        groups.achievement_share,
        groups.residents_adult,
        concat_ws(', ', 'academic_year', groups.funding_basis) as figure_basis,
        case when groups.outcome_state <> 'final' then 'not_followed_so_long' end as null_reason
    from skills.adult_education as groups
    where groups.in_open_table and groups.provider_name = 'all'
),

reach as (
    select
        learning.body_code,
        learning.academic_year,
        learning.iod_edition,
        learning.figure_basis,
        learning.null_reason,
        learning.most_deprived,
        learning.placed,
        case when learning.is_shown then learning.most_deprived_share end as learners_share,
        share(quintile.residents_adult, learning.residents_adult) as residents_share
    from learning
    left join learning as quintile
        on
            learning.body_code = quintile.body_code
            and learning.academic_year = quintile.academic_year
            and quintile.breakdown = 'imd_quintile'
            and quintile.breakdown_value = '1'
    where learning.breakdown = 'all'
),

figure as (
    select
        programme.cell.id as indicator_id,
        programme.body_code,
        programme.financial_year,
        programme.cell.breakdown as breakdown,
        programme.cell.value as breakdown_value,
        programme.cell.label as breakdown_label,
        case when programme.cell.edition then programme.iod_edition end as iod_edition,
        cast(null as varchar) as figure_basis,
        programme.cell.share as measured_value,
        cast(programme.cell.part as double) as numerator,
        cast(greatest(programme.cell.whole, programme.cell.part) as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        case
            when not programme.cell.is_final then 'not_followed_so_long'
            when programme.cell.reason in ('not_supplied', 'not_evidenced') then programme.cell.reason
        end as null_reason
    from programme
    union all
    select
        'SP18' as indicator_id,
        learning.body_code,
        learning.academic_year as financial_year,
        'imd_decile' as breakdown,
        '1 and 2' as breakdown_value,
        'Learners in deciles 1 and 2' as breakdown_label,
        learning.iod_edition,
        learning.figure_basis,
        case when learning.is_shown then learning.most_deprived_share end as measured_value,
        cast(learning.most_deprived as double) as numerator,
        cast(greatest(learning.placed, learning.most_deprived) as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        learning.null_reason
    from learning
    where learning.breakdown = 'all'
    union all
    select
        'SP19' as indicator_id,
        learning.body_code,
        learning.academic_year as financial_year,
        learning.breakdown,
        learning.breakdown_value,
        case
            when learning.breakdown = 'all' then 'Aims achieved'
            else 'Aims achieved, ' || replace(learning.breakdown_value, '_', ' ')
        end as breakdown_label,
        case when learning.breakdown = 'imd_quintile' then learning.iod_edition end as iod_edition,
        learning.figure_basis,
        case when learning.is_shown then learning.achievement_share end as measured_value,
        cast(learning.aims_achieved as double) as numerator,
        cast(greatest(learning.aims_due, learning.aims_achieved) as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        learning.null_reason
    from learning
    union all
    select
        'M26' as indicator_id,
        reach.body_code,
        reach.academic_year as financial_year,
        'service' as breakdown,
        'adult_education' as breakdown_value,
        'Adult education' as breakdown_label,
        reach.iod_edition,
        reach.figure_basis,
        round(share(reach.learners_share, reach.residents_share), 2) as measured_value,
        reach.learners_share as numerator,
        reach.residents_share as denominator,
        case
            when reach.learners_share is not null
                then share(
                    wilson_low(reach.most_deprived, reach.placed, parameter.z),
                    reach.residents_share
                )
        end as ci_low,
        case
            when reach.learners_share is not null
                then share(
                    wilson_high(reach.most_deprived, reach.placed, parameter.z),
                    reach.residents_share
                )
        end as ci_high,
        case
            when reach.null_reason is not null then reach.null_reason
            when reach.residents_share is null then 'not_supplied'
        end as null_reason
    from reach
    cross join parameter
    union all
    select distinct
        'M26' as indicator_id,
        programme.body_code,
        programme.financial_year,
        'service' as breakdown,
        'households_into_work' as breakdown_value,
        'Households into Work' as breakdown_label,
        programme.iod_edition,
        cast(null as varchar) as figure_basis,
        cast(null as double) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        'not_supplied' as null_reason
    from programme
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.iod_edition,
    figure.figure_basis,
    figure.measured_value,
    case when figure.measured_value is not null then figure.numerator end as numerator,
    case when figure.measured_value is not null then figure.denominator end as denominator,
    case when figure.measured_value is not null then figure.ci_low end as ci_low,
    case when figure.measured_value is not null then figure.ci_high end as ci_high,
    case
        when figure.measured_value is not null then null
        else coalesce(figure.null_reason, 'withheld')
    end as null_reason
from figure
inner join authority on figure.body_code = authority.body_code
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
