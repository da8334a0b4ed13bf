-- Grain: one indicator of one financial year, question and body.
-- What staff say of their well-being, of what the open table of it shows: the mean of the three
-- questions of which more is better (EM11a), that of anxiety (EM11b), and the share of those who are not
-- well (EM11c). Questions are told one by one, of the authority; of anxiety each body stands alone.
with authority as (
    select min(bodies.body_code) as body_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

answer as (
    select
        wellbeing.body_code,
        wellbeing.financial_year,
        wellbeing.question,
        wellbeing.question_label,
        wellbeing.better,
        wellbeing.unwell_band,
        case when wellbeing.is_shown then wellbeing.mean_points end as mean_points,
        case when wellbeing.is_shown then wellbeing.ci_low end as ci_low,
        case when wellbeing.is_shown then wellbeing.ci_high end as ci_high,
        case when wellbeing.is_shown then wellbeing.unwell_share end as unwell_share,
        wellbeing.unwell_rounded,
        wellbeing.answered_rounded,
        coalesce(
            json_extract_string(wellbeing.null_reasons, '$.mean_points'), 'withheld'
        ) as null_reason
    from people.wellbeing as wellbeing
),

figure as (
    select
        'EM11a' as indicator_id,
        answer.financial_year,
        'question' as breakdown,
        answer.question as breakdown_value,
        answer.question_label as breakdown_label,
        answer.mean_points as measured_value,
        cast(null as bigint) as numerator,
        answer.answered_rounded as denominator,
        answer.ci_low,
        answer.ci_high,
        answer.null_reason
    from answer
    inner join authority on answer.body_code = authority.body_code
    where answer.better = 'up'
    union all
    select
        'EM11b' as indicator_id,
        answer.financial_year,
        told_of.breakdown,
        told_of.breakdown_value,
        told_of.breakdown_label,
        answer.mean_points as measured_value,
        cast(null as bigint) as numerator,
        answer.answered_rounded as denominator,
        answer.ci_low,
        answer.ci_high,
        answer.null_reason
    from answer
    inner join stage.indicator_bodies as told_of on answer.body_code = told_of.body_code
    where answer.better = 'down'
    union all
    select
        'EM11c' as indicator_id,
        answer.financial_year,
        'question' as breakdown,
        answer.question as breakdown_value,
        answer.question_label || ': ' || answer.unwell_band as breakdown_label,
        answer.unwell_share as measured_value,
        answer.unwell_rounded as numerator,
        answer.answered_rounded as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        answer.null_reason
    from answer
    inner join authority on answer.body_code = authority.body_code
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.measured_value,
    case when figure.measured_value is not null then cast(figure.numerator as double) end as numerator,
    case when figure.measured_value is not null then cast(figure.denominator as double) end
        as denominator,
    case when figure.measured_value is not null then figure.ci_low end as ci_low,
    case when figure.measured_value is not null then figure.ci_high end as ci_high,
    case when figure.measured_value is null then figure.null_reason end as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
