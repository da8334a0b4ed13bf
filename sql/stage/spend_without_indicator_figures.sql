-- Grain: one financial year and one part of the payments that is left out.
-- The local share (M18) of the bodies together without capital, and without the three largest
-- suppliers: a train fleet, paid for in one year and not in the next, moves the share of all and says
-- nothing of how the authority buys (framework 3.8). On the payments that the share of all rests on.
with left_out as (
    select
        part.breakdown,
        part.left_out,
        part.left_out_label
    from (
        values
            ('without_capital', 'capital', 'Without capital'),
            ('without_top3', 'three_largest_suppliers', 'Without the three largest suppliers')
    ) as part (breakdown, left_out, left_out_label)
),

whole as (
    select
        figures.financial_year,
        figures.figure_basis,
        figures.null_reason
    from stage.spend_indicator_figures as figures
    where figures.indicator_id = 'M18' and figures.breakdown = 'all'
),

figure as (
    select
        whole.financial_year,
        whole.figure_basis,
        left_out.left_out,
        left_out.left_out_label,
        coalesce(
            whole.null_reason, json_extract_string(spend.null_reasons, '$.local_share_of_known')
        ) as null_reason,
        spend.local_share_of_known,
        spend.local_gbp,
        spend.known_gbp,
        spend.lower_share,
        spend.upper_share,
        part_share(spend.known_gbp, spend.spend_gbp) as completeness_share
    from whole
    inner join spend.local_spend as spend
        on
            whole.financial_year = spend.financial_year
            and starts_with(whole.figure_basis || ',', spend.coverage || ', ' || spend.amount_basis || ',')
    inner join left_out
        on spend.breakdown = left_out.breakdown
    where spend.body_code = 'group' and spend.local_definition = 'delivery_branch'
)

select
    'M18' as indicator_id,
    figure.financial_year,
    'without' as breakdown,
    figure.left_out as breakdown_value,
    figure.left_out_label as breakdown_label,
    figure.figure_basis,
    if(figure.null_reason is null, figure.local_share_of_known, null) as measured_value,
    if(figure.null_reason is null, cast(figure.local_gbp as double), null) as numerator,
    if(figure.null_reason is null, cast(figure.known_gbp as double), null) as denominator,
    if(figure.null_reason is null, figure.lower_share, null) as bound_low,
    if(figure.null_reason is null, figure.upper_share, null) as bound_high,
    if(figure.null_reason is null, figure.completeness_share, null) as completeness_share,
    figure.null_reason
from figure
