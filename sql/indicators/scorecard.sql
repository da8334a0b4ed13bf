-- Grain: one indicator, in the latest year.
-- Then, last year, now, and in words whether it changed. No arrow without a reason.
with latest as (
    select
        measurement.indicator_id,
        measurement.financial_year,
        measurement.unit,
        measurement.measured_value,
        measurement.null_reason,
        measurement.bound_low,
        measurement.bound_high
    from indicators.measurements as measurement
    inner join stage.indicator_years as years
        on measurement.financial_year = years.financial_year
    where
        years.is_latest_year
        and measurement.breakdown = 'all'
        and measurement.iod_edition is null
),

change_words as (
    select
        comparison.indicator_id,
        comparison.financial_year,
        comparison.baseline_year,
        comparison.is_later_baseline,
        comparison.baseline_value,
        comparison.prior_value,
        comparison.change,
        comparison.significance,
        comparison.direction_met,
        case
            when comparison.significance in ('better', 'worse', 'changed', 'by_few')
                then if(coalesce(comparison.real_change, comparison.change) > 0, 'up', 'down')
            when comparison.significance in ('about_the_same', 'no_clear_change') then 'level'
        end as arrow,
        case comparison.significance
            when 'better' then moved_text(comparison.change, comparison.real_change) || ', as the framework wants.'
            when 'worse' then moved_text(comparison.change, comparison.real_change) || ', which the framework does not want.'
            when 'changed' then moved_text(comparison.change, comparison.real_change) || '.'
            when 'by_few'
                then moved_text(comparison.change, comparison.real_change) || ', but not without a few large payments.'
            when 'no_clear_change' then 'About the same: chance, or what is not known, can explain the difference.'
            when 'about_the_same' then 'About the same.'
            when 'small_base' then 'Too few to say whether it changed.'
            when 'not_comparable' then 'Not comparable: the two years rest on different payments.'
            when 'no_price_index'
                then 'It cannot be said yet whether it changed: there is no price index of the year, and prices rise.'
            when 'no_baseline' then 'There is nothing to compare it with.'
            when 'not_judged' then 'Stated, not judged.'
        end as verdict
    from indicators.comparison as comparison
    where comparison.breakdown = 'all' and comparison.iod_edition is null
)

select
    indicator.indicator_id,
    indicator.indicator_order,
    indicator.role,
    indicator.indicator_name,
    indicator.kind,
    indicator.unit,
    indicator.direction,
    latest.financial_year,
    change_words.baseline_year,
    change_words.baseline_value,
    change_words.prior_value,
    latest.measured_value,
    change_words.arrow,
    change_words.direction_met,
    change_words.significance,
    indicator.target_value as target,
    case
        when latest.measured_value is null or indicator.target_value is null then null
        when indicator.direction = 'down' then latest.measured_value <= indicator.target_value
        else latest.measured_value >= indicator.target_value
    end as target_met,
    latest.null_reason,
    case
        when latest.measured_value is null
            then
                reason.reason_text
                || case
                    when
                        latest.null_reason <> 'not_supplied'
                        and latest.bound_low is not null
                        and latest.bound_high is not null
                        then
                            ' It is from ' || figure_text(latest.bound_low, indicator.unit)
                            || ' to ' || figure_text(latest.bound_high, indicator.unit)
                            || ' in ' || latest.financial_year || '.'
                    else ''
                end
        else
            case
                when figure_text(latest.bound_low, indicator.unit) = figure_text(latest.measured_value, indicator.unit)
                    and figure_text(latest.bound_high, indicator.unit) <> figure_text(latest.bound_low, indicator.unit)
                    then 'At least '
                else ''
            end
            || figure_text(latest.measured_value, indicator.unit)
            || ' in ' || latest.financial_year
            || case
                when figure_text(latest.bound_high, indicator.unit) = figure_text(latest.bound_low, indicator.unit) then ''
                when figure_text(latest.bound_low, indicator.unit) = figure_text(latest.measured_value, indicator.unit)
                    then ' (at most ' || figure_text(latest.bound_high, indicator.unit) || ', as not all is known)'
                when latest.bound_low is not null and latest.bound_high is not null
                    then
                        ' (from ' || figure_text(latest.bound_low, indicator.unit)
                        || ' to ' || figure_text(latest.bound_high, indicator.unit) || ', as not all is known)'
                else ''
            end
            || coalesce(
                case
                    when change_words.baseline_value is not null
                        then
                            ', ' || figure_text(change_words.baseline_value, indicator.unit)
                            || ' in ' || change_words.baseline_year
                            || if(change_words.is_later_baseline, ' (later baseline)', '')
                end,
                ''
            )
            || '. ' || coalesce(change_words.verdict, 'It is the first year.')
            || coalesce(' ' || parts.sentence, '')
    end as sentence
from ref.indicators as indicator
inner join latest on indicator.indicator_id = latest.indicator_id
left join change_words
    on
        indicator.indicator_id = change_words.indicator_id
        and latest.financial_year = change_words.financial_year
left join indicators.change_parts as parts
    on
        indicator.indicator_id = parts.indicator_id
        and latest.financial_year = parts.financial_year
        and parts.breakdown = 'all'
        and parts.iod_edition is null
left join ref.indicator_null_reasons as reason on latest.null_reason = reason.null_reason
