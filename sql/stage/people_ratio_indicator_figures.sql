-- Grain: one indicator of one financial year and contrast of two groups.
-- How likely candidates of a group are to pass a stage, over how likely those of the reference group
-- are: to be shortlisted (EM02), and once shortlisted to be appointed (EM03). Made of the counts that
-- the open table of recruitment shows and of nothing else, so of counts to the nearest 5; of the
-- authority alone. A ratio outside four fifths and five quarters says so in its label.
with authority as (
    select min(bodies.body_code) as body_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'normal_quantile_95')
            as z,
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_rate_ratio')
            as least_ratio,
        max(parameters.parameter_value) filter (where parameters.parameter = 'greatest_rate_ratio')
            as greatest_ratio
    from ref.indicator_parameters as parameters
),

step as (
    select
        steps.indicator_id,
        steps.stage,
        steps.stage_before
    from (
        values ('EM02', 'shortlisted', 'applied'), ('EM03', 'appointed', 'shortlisted')
    ) as steps (indicator_id, stage, stage_before)
),

counted as (
    select
        funnel.financial_year,
        funnel.characteristic,
        funnel.characteristic_group,
        funnel.group_label,
        funnel.stage,
        case when funnel.is_shown then funnel.count_rounded end as applications
    from people.recruitment_funnel as funnel
    inner join authority on funnel.body_code = authority.body_code
    where funnel.in_open_table and funnel.group_level = 'group'
),

passed as (
    select
        step.indicator_id,
        counted.financial_year,
        counted.characteristic,
        counted.characteristic_group,
        counted.group_label,
        counted.applications as passed,
        before.applications as could_pass
    from counted
    inner join step on counted.stage = step.stage
    inner join counted as before
        on
            counted.financial_year = before.financial_year
            and counted.characteristic = before.characteristic
            and counted.characteristic_group = before.characteristic_group
            and step.stage_before = before.stage
),

contrast as (
    select
        passed.indicator_id,
        passed.financial_year,
        passed.characteristic,
        passed.characteristic_group || ' against ' || reference.characteristic_group as contrast,
        passed.group_label || ' against ' || reference.group_label as contrast_label,
        passed.passed,
        passed.could_pass,
        reference.passed as reference_passed,
        reference.could_pass as reference_could_pass,
        share(passed.passed, passed.could_pass)
        / nullif(share(reference.passed, reference.could_pass), 0) as ratio,
        -- Standard error of the ratio's logarithm.
        sqrt(
            greatest(
                1.0 / nullif(passed.passed, 0) - 1.0 / nullif(passed.could_pass, 0)
                + 1.0 / nullif(reference.passed, 0) - 1.0 / nullif(reference.could_pass, 0),
                0
            )
        ) as log_error
    from passed
    inner join ref.people_characteristics as characteristics
        on passed.characteristic = characteristics.characteristic
    inner join passed as reference
        on
            passed.indicator_id = reference.indicator_id
            and passed.financial_year = reference.financial_year
            and passed.characteristic = reference.characteristic
            and characteristics.reference_group = reference.characteristic_group
    where passed.characteristic_group <> reference.characteristic_group
),

figure as (
    select
        contrast.indicator_id,
        contrast.financial_year,
        contrast.characteristic as breakdown,
        contrast.contrast as breakdown_value,
        contrast.contrast_label
        || if(
            round(contrast.ratio, 2) not between parameter.least_ratio and parameter.greatest_ratio,
            printf(
                ' (outside %.2f to %.2f)',
                cast(parameter.least_ratio as double), cast(parameter.greatest_ratio as double)
            ),
            ''
        ) as breakdown_label,
        round(contrast.ratio, 2) as measured_value,
        case
            when contrast.ratio > 0
                then round(contrast.ratio * exp(-parameter.z * contrast.log_error), 2)
        end as ci_low,
        case
            when contrast.ratio > 0
                then round(contrast.ratio * exp(parameter.z * contrast.log_error), 2)
        end as ci_high,
        case
            when
                contrast.passed is null or contrast.could_pass is null
                or contrast.reference_passed is null or contrast.reference_could_pass is null
                then 'withheld'
            else 'zero_base'
        end as null_reason
    from contrast
    cross join parameter
    union all
    select distinct -- one row for all contrasts of a year
        contrast.indicator_id,
        contrast.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'All' as breakdown_label,
        cast(null as double) as measured_value,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        'not_added' as null_reason
    from contrast
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.measured_value,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    figure.ci_low,
    figure.ci_high,
    case when figure.measured_value is null then figure.null_reason end as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
