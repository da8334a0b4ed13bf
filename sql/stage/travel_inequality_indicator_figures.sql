-- Grain: one index of one financial year, authority and edition of the Indices.
-- How unequally older people's passes are taken up over deciles (SP02), of the rounded counts of the open
-- table and nothing else: slope and relative index in the logit form, and the concentration index. Deciles
-- run from the most deprived (0) to the least (1), so below nought (of the relative index below 1) the most
-- deprived are ahead. Intervals are those of the linear approximation, each decile binomial (methods A8).
with parameter as (
    select max(parameters.parameter_value) as z
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'normal_quantile_95'
),

decile as (
    select
        holders.financial_year,
        services.service,
        services.service_label,
        holders.iod_edition,
        holders.imd_decile,
        holders.residents,
        holders.holders_rounded as holders,
        share(holders.holders_rounded, holders.residents) as take_up,
        holders.take_up_share is null as is_missing,
        holders.null_reason
    from travel.pass_holders as holders
    inner join ref.reach_services as services on holders.issuing_authority || '_passes' = services.service
    where holders.pass_group = 'older' and holders.iod_edition <> 'none' and holders.imd_decile is not null
),

-- All ten deciles or nothing.
series as (
    select
        decile.financial_year,
        decile.service,
        decile.service_label,
        decile.iod_edition,
        sum(decile.residents) as residents,
        sum(decile.holders) as holders,
        case
            when max(decile.null_reason) is not null then max(decile.null_reason)
            when count(*) < 10 then 'part_missing'
            when bool_or(decile.is_missing) then 'withheld'
            when min(decile.take_up) <= 0 or max(decile.take_up) >= 1 then 'share_out_of_range'
        end as null_reason
    from decile
    group by decile.financial_year, decile.service, decile.service_label, decile.iod_edition
),

-- away: how far the middle of the decile lies from the middle of all residents.
ranked as (
    select
        decile.financial_year,
        decile.service,
        decile.iod_edition,
        decile.imd_decile,
        decile.take_up,
        decile.residents,
        decile.residents / series.residents as weight,
        (sum(decile.residents) over upwards - decile.residents / 2) / series.residents - 0.5 as away,
        (2 * sum(decile.holders) over upwards - decile.holders) / series.holders as holders_before_and_up_to,
        ln(decile.take_up / (1 - decile.take_up)) as log_odds
    from decile
    inner join series
        on
            decile.financial_year = series.financial_year
            and decile.service = series.service
            and decile.iod_edition = series.iod_edition
            and series.null_reason is null
    window
        upwards as (
            partition by decile.financial_year, decile.service, decile.iod_edition
            order by decile.imd_decile
        )
),

fitted as (
    select
        ranked.financial_year,
        ranked.service,
        ranked.iod_edition,
        list_sum(list(ranked.weight * power(ranked.away, 2) order by ranked.imd_decile)) as spread,
        list_sum(list(ranked.weight * ranked.log_odds order by ranked.imd_decile)) as mean_log_odds,
        list_sum(list(ranked.weight * ranked.away * ranked.log_odds order by ranked.imd_decile)) as covariance,
        list_sum(list(ranked.weight * ranked.take_up order by ranked.imd_decile)) as mean_take_up,
        2 * list_sum(list(ranked.weight * ranked.away * ranked.take_up order by ranked.imd_decile))
        / list_sum(list(ranked.weight * ranked.take_up order by ranked.imd_decile)) as concentration
    from ranked
    group by ranked.financial_year, ranked.service, ranked.iod_edition
),

-- Take-up at either end of the line.
ended as (
    select
        fitted.*,
        1 / (1 + exp(fitted.covariance / fitted.spread / 2 - fitted.mean_log_odds)) as most_deprived,
        1 / (1 + exp(-fitted.covariance / fitted.spread / 2 - fitted.mean_log_odds)) as least_deprived
    from fitted
),

-- What one decile adds to the variance of each index.
varied as (
    select
        ranked.financial_year,
        ranked.service,
        ranked.iod_edition,
        ranked.imd_decile,
        1 / (ranked.residents * ranked.take_up * (1 - ranked.take_up)) as log_odds_variance,
        ranked.weight - ranked.weight * ranked.away / ended.spread / 2 as moves_most_deprived,
        ranked.weight + ranked.weight * ranked.away / ended.spread / 2 as moves_least_deprived,
        ended.most_deprived,
        ended.least_deprived,
        ranked.weight * power(
            ranked.take_up / ended.mean_take_up * (2 * ranked.away - ended.concentration)
            + 2 - ranked.holders_before_and_up_to,
            2
        )
        + ranked.weight * ranked.take_up * (1 - ranked.take_up)
        * power((2 * ranked.away - ended.concentration) / ended.mean_take_up, 2) as concentration_part
    from ranked
    inner join ended
        on
            ranked.financial_year = ended.financial_year
            and ranked.service = ended.service
            and ranked.iod_edition = ended.iod_edition
),

spread as (
    select
        varied.financial_year,
        varied.service,
        varied.iod_edition,
        list_sum(
            list(
                varied.log_odds_variance * power(
                    varied.least_deprived * (1 - varied.least_deprived) * varied.moves_least_deprived
                    - varied.most_deprived * (1 - varied.most_deprived) * varied.moves_most_deprived,
                    2
                )
                order by varied.imd_decile
            )
        ) as slope_variance,
        list_sum(
            list(
                varied.log_odds_variance * power(
                    (1 - varied.least_deprived) * varied.moves_least_deprived
                    - (1 - varied.most_deprived) * varied.moves_most_deprived,
                    2
                )
                order by varied.imd_decile
            )
        ) as log_ratio_variance,
        list_sum(list(varied.concentration_part order by varied.imd_decile)) as concentration_spread
    from varied
    group by varied.financial_year, varied.service, varied.iod_edition
),

measured as (
    select
        series.financial_year,
        series.service,
        series.service_label,
        series.iod_edition,
        series.null_reason,
        unnest(
            [
                {
                    'index': 'slope_index',
                    'label': 'slope index of inequality',
                    'value': ended.least_deprived - ended.most_deprived,
                    'low': ended.least_deprived - ended.most_deprived - parameter.z * sqrt(spread.slope_variance),
                    'high': ended.least_deprived - ended.most_deprived + parameter.z * sqrt(spread.slope_variance)
                },
                {
                    'index': 'relative_index',
                    'label': 'relative index of inequality',
                    'value': ended.least_deprived / ended.most_deprived,
                    'low': ended.least_deprived / ended.most_deprived
                    * exp(-parameter.z * sqrt(spread.log_ratio_variance)),
                    'high': ended.least_deprived / ended.most_deprived
                    * exp(parameter.z * sqrt(spread.log_ratio_variance))
                },
                {
                    'index': 'concentration_index',
                    'label': 'concentration index',
                    'value': ended.concentration,
                    'low': ended.concentration - parameter.z * sqrt(
                        greatest(0, spread.concentration_spread - power(1 + ended.concentration, 2)) / series.residents
                    ),
                    'high': ended.concentration + parameter.z * sqrt(
                        greatest(0, spread.concentration_spread - power(1 + ended.concentration, 2)) / series.residents
                    )
                }
            ]
        ) as item
    from series
    cross join parameter
    left join ended
        on
            series.financial_year = ended.financial_year
            and series.service = ended.service
            and series.iod_edition = ended.iod_edition
    left join spread
        on
            series.financial_year = spread.financial_year
            and series.service = spread.service
            and series.iod_edition = spread.iod_edition
)

select
    'SP02' as indicator_id,
    measured.financial_year,
    measured.item.index as breakdown,
    measured.service as breakdown_value,
    measured.service_label || ', ' || measured.item.label as breakdown_label,
    measured.iod_edition,
    round(measured.item.value, 6) as measured_value,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    round(measured.item.low, 6) as ci_low,
    round(measured.item.high, 6) as ci_high,
    measured.null_reason
from measured
inner join stage.indicator_years as years on measured.financial_year = years.financial_year
