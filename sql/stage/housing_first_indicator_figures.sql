-- Grain: one indicator of one financial year and breakdown value.
-- SP11 to SP14, of rows that the open tables of Housing First show and of nothing else. Tenancies kept
-- are told of the year in which they started, at each landmark, and of all years together in the last
-- that is over. Their parts are never added. Who is eligible for Housing First no feed says, so M26 has
-- a row for it without a value.
with authority as (
    select min(bodies.body_code) as body_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

figure as (
    select
        'SP11' as indicator_id,
        sustainment.body_code,
        case when sustainment.cohort = 'all' then sustainment.financial_year else sustainment.cohort end
            as financial_year,
        case when sustainment.cohort = 'all' then 'tenancies of all years' else 'landmark' end
            as breakdown,
        sustainment.landmark_label as breakdown_value,
        sustainment.landmark_label as breakdown_label,
        case when sustainment.is_shown then sustainment.survival end as measured_value,
        cast(null as bigint) as numerator,
        sustainment.people as denominator,
        sustainment.ci_low,
        sustainment.ci_high,
        cast(null as varchar) as null_reason,
        cast(null as varchar) as fields_without
    from housing_first.sustainment as sustainment
    where sustainment.in_open_table
    union all
    select
        part.indicator_id,
        outcomes.body_code,
        outcomes.financial_year,
        part.breakdown,
        part.breakdown_value,
        part.breakdown_label,
        case part.breakdown_value
            when 'accepted' then outcomes.acceptance_share
            when 'housed' then outcomes.housed_share
            when 'swemwbs' then outcomes.swemwbs_change
            when 'life_satisfaction' then outcomes.life_satisfaction_change
            when 'anxious_yesterday' then outcomes.anxiety_change
            when 'all' then outcomes.record_completeness_share
        end as measured_value,
        -- Of counts to the nearest 10 the share cannot be made again.
        cast(null as bigint) as numerator,
        case part.breakdown_value
            when 'accepted' then outcomes.referrals
            when 'housed' then outcomes.active
            when 'swemwbs' then outcomes.swemwbs_pairs
            when 'life_satisfaction' then outcomes.life_satisfaction_pairs
            when 'anxious_yesterday' then outcomes.anxiety_pairs
        end as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        case part.breakdown_value
            when 'accepted' then json_extract_string(outcomes.null_reasons, '$.acceptance_share')
            when 'housed' then json_extract_string(outcomes.null_reasons, '$.housed_share')
            when 'swemwbs' then json_extract_string(outcomes.null_reasons, '$.swemwbs_change')
            when 'life_satisfaction'
                then json_extract_string(outcomes.null_reasons, '$.life_satisfaction_change')
            when 'anxious_yesterday'
                then json_extract_string(outcomes.null_reasons, '$.anxiety_change')
            when 'all'
                then json_extract_string(outcomes.null_reasons, '$.record_completeness_share')
        end as null_reason,
        case when part.indicator_id = 'SP14' then outcomes.record_completeness_without end
            as fields_without
    from housing_first.outcomes as outcomes
    cross join ref.housing_first_indicators as part
    where outcomes.in_open_table
    union all
    select
        'M26' as indicator_id,
        outcomes.body_code,
        outcomes.financial_year,
        'service' as breakdown,
        'housing_first' as breakdown_value,
        'Housing First' as breakdown_label,
        cast(null as double) as measured_value,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        'not_supplied' as null_reason,
        cast(null as varchar) as fields_without
    from housing_first.outcomes as outcomes
    where outcomes.in_open_table
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    'without ' || figure.fields_without as figure_basis,
    figure.measured_value,
    case when figure.measured_value is not null then cast(figure.numerator as double) end
        as numerator,
    case when figure.measured_value is not null then cast(greatest(figure.denominator, figure.numerator) as double) end
        as denominator,
    case when figure.measured_value is not null then figure.ci_low end as ci_low,
    case when figure.measured_value is not null then figure.ci_high end as ci_high,
    case
        when figure.measured_value is not null then null
        when figure.null_reason in ('zero_base', 'not_supplied') then figure.null_reason
        else 'withheld'
    end as null_reason
from figure
inner join authority on figure.body_code = authority.body_code
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
