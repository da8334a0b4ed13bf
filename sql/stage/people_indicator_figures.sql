-- Grain: one indicator of one financial year, breakdown value and edition of the Indices.
-- The employer's measures (M01 to M12), of rows that the open tables show and of nothing else.
-- Bodies stand alone: "all" is the authority itself, and a measure of many groups has a row for
-- each of the authority's.
with authority as (
    select min(bodies.body_code) as body_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

starter_measure as (
    select statuses.measure as indicator_id
    from ref.starter_statuses as statuses
    where statuses.measure is not null
),

-- Characteristics: shares of the groups, at each stage of recruitment and in the workforce.
group_share as (
    select
        'M07a' as indicator_id,
        profile.body_code,
        profile.financial_year,
        profile.characteristic as breakdown,
        profile.characteristic_group as breakdown_value,
        profile.group_label as breakdown_label,
        cast(null as varchar) as iod_edition,
        case when profile.is_shown then profile.share_known end as measured_value,
        profile.headcount_rounded as numerator,
        profile.known_rounded as denominator,
        json_extract_string(profile.null_reasons, '$.share_known') as null_reason
    from people.workforce_profile as profile
    inner join ref.people_characteristics as characteristics
        on profile.characteristic = characteristics.characteristic
    where
        profile.in_open_table
        and profile.breakdown = 'all'
        and profile.group_level = 'group'
        and profile.characteristic_group not in ('prefer_not_to_say', 'not_recorded')
        and characteristics.protected_characteristic is not null
    union all
    select
        measure.indicator_id,
        funnel.body_code,
        funnel.financial_year,
        funnel.characteristic as breakdown,
        funnel.characteristic_group as breakdown_value,
        funnel.group_label as breakdown_label,
        funnel.iod_edition,
        case when funnel.is_shown then funnel.share_of_stage end as measured_value,
        funnel.count_rounded as numerator,
        funnel.known_rounded as denominator,
        json_extract_string(funnel.null_reasons, '$.share_of_stage') as null_reason
    from people.recruitment_funnel as funnel
    inner join ref.recruitment_indicators as measure
        on
            funnel.stage = measure.stage
            and (funnel.characteristic like 'home\_%' escape '\') = measure.is_of_home
    where funnel.in_open_table and funnel.group_level = 'group'
    union all
    select
        'M08' as indicator_id,
        gap.body_code,
        gap.financial_year,
        gap.characteristic as breakdown,
        gap.focal_group || ' against ' || gap.comparator_group as breakdown_value,
        replace(gap.focal_group || ' against ' || gap.comparator_group, '_', ' ') as breakdown_label,
        cast(null as varchar) as iod_edition,
        case when gap.is_shown then gap.value end as measured_value,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as varchar) as null_reason
    from people.pay_gaps as gap
    where
        gap.in_open_table
        and gap.population = 'all'
        and gap.breakdown = 'all'
        and gap.measure = 'mean_hourly'
),

gap_interval as (
    select
        gap.body_code,
        gap.financial_year,
        gap.characteristic as breakdown,
        gap.focal_group || ' against ' || gap.comparator_group as breakdown_value,
        gap.ci_low,
        gap.ci_high
    from people.pay_gaps as gap
    where
        gap.in_open_table
        and gap.is_shown
        and gap.population = 'all'
        and gap.breakdown = 'all'
        and gap.measure = 'mean_hourly'
),

-- Measures that are one figure of each body.
single as (
    select
        'M07b' as indicator_id,
        profile.body_code,
        profile.financial_year,
        case when profile.is_shown then profile.share_known end as measured_value,
        cast(profile.headcount_rounded as double) as numerator,
        cast(profile.known_rounded as double) as denominator,
        json_extract_string(profile.null_reasons, '$.share_known') as null_reason
    from people.workforce_profile as profile
    where
        profile.in_open_table
        and profile.breakdown = 'all'
        and profile.characteristic = 'ethnicity_white'
        and profile.characteristic_group = 'asian_black_mixed_other'
    union all
    select
        taking_part.framework_measure as indicator_id,
        taking_part.body_code,
        taking_part.financial_year,
        case when taking_part.is_shown then taking_part.participation_share end as measured_value,
        cast(taking_part.people_rounded as double) as numerator,
        cast(taking_part.eligible_rounded as double) as denominator,
        json_extract_string(taking_part.null_reasons, '$.participation_share') as null_reason
    from people.participation as taking_part
    where
        taking_part.in_open_table
        and taking_part.breakdown = 'all'
        and taking_part.framework_measure is not null
    union all
    select
        'M11b' as indicator_id,
        volunteers.body_code,
        volunteers.financial_year,
        case when volunteers.is_shown then cast(volunteers.hours as double) end as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        json_extract_string(volunteers.null_reasons, '$.participation_share') as null_reason
    from people.participation as volunteers
    where
        volunteers.in_open_table
        and volunteers.breakdown = 'all'
        and volunteers.measure = 'volunteers'
    union all
    -- The three statuses are open as one sum, where at all; each alone is withheld.
    select
        starter_measure.indicator_id,
        starters.body_code,
        starters.financial_year,
        cast(null as double) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        starters.null_reason
    from people.new_starters as starters
    cross join starter_measure
    where starters.in_open_table and starters.status_level = 'total'
),

together as (
    select
        starter_measure.indicator_id,
        starters.body_code,
        starters.financial_year,
        case when starters.is_shown then cast(starters.starters_rounded as double) end as measured_value
    from people.new_starters as starters
    cross join starter_measure
    where starters.in_open_table and starters.previous_status = 'framework_groups'
),

figure as (
    select
        group_share.indicator_id,
        group_share.financial_year,
        group_share.breakdown,
        group_share.breakdown_value,
        group_share.breakdown_label,
        group_share.iod_edition,
        group_share.measured_value,
        cast(group_share.numerator as double) as numerator,
        cast(greatest(group_share.denominator, group_share.numerator) as double) as denominator,
        gap_interval.ci_low,
        gap_interval.ci_high,
        group_share.null_reason
    from group_share
    inner join authority on group_share.body_code = authority.body_code
    left join gap_interval
        on
            group_share.indicator_id = 'M08'
            and group_share.body_code = gap_interval.body_code
            and group_share.financial_year = gap_interval.financial_year
            and group_share.breakdown = gap_interval.breakdown
            and group_share.breakdown_value = gap_interval.breakdown_value
    union all
    select distinct
        group_share.indicator_id,
        group_share.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'All' as breakdown_label,
        cast(null as varchar) as iod_edition,
        cast(null as double) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        'not_added' as null_reason
    from group_share
    inner join authority on group_share.body_code = authority.body_code
    union all
    select
        single.indicator_id,
        single.financial_year,
        told_of.breakdown,
        told_of.breakdown_value,
        told_of.breakdown_label,
        cast(null as varchar) as iod_edition,
        single.measured_value,
        single.numerator,
        greatest(single.denominator, single.numerator) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        single.null_reason
    from single
    inner join stage.indicator_bodies as told_of on single.body_code = told_of.body_code
    union all
    select
        together.indicator_id,
        together.financial_year,
        'M04 to M06 together' as breakdown,
        together.body_code as breakdown_value,
        coalesce(bodies.body_name, together.body_code) as breakdown_label,
        cast(null as varchar) as iod_edition,
        together.measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        cast(null as varchar) as null_reason
    from together
    left join site.bodies as bodies on together.body_code = bodies.body_code
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.iod_edition,
    figure.measured_value,
    case when figure.measured_value is not null then figure.numerator end as numerator,
    case when figure.measured_value is not null then figure.denominator end as denominator,
    case when figure.measured_value is not null then figure.ci_low end as ci_low,
    case when figure.measured_value is not null then figure.ci_high end as ci_high,
    case
        when figure.measured_value is not null then null
        when figure.null_reason in ('not_added', 'not_collected', 'not_supplied', 'zero_base')
            then figure.null_reason
        else 'withheld'
    end as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
