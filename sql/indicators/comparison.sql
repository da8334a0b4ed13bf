-- Grain: one indicator of one financial year after that of its baseline, breakdown value and edition.
-- Change since the baseline and since the year before, and whether it is real. The baseline is what
-- was frozen; until one is, what is computed for the year now. An indicator that was not collected
-- in the year of the baseline is compared with its first full year (rule B3).
-- What is computed for the baseline's year now may differ from what was frozen. That part of the
-- change is a restatement and no change of the service; the two are never spliced.
-- Money of the year is held against the baseline in the prices of the baseline's year: flat cash is
-- a real fall. Without a price index of the year nothing is said (methods C6, G1 to G7).
-- Whatever the rule, a figure of which part is not known has changed only if it has whatever the unknown
-- part is; and what is counted among fewer than 30 has no arrow (E2). Where a figure is told without its
-- few largest payments, too, and did not move that way without them, it is better or worse by few.
with parameter as (
    select
        max(case when parameters.parameter = 'least_base' then parameters.parameter_value end)
            as least_base,
        max(case when parameters.parameter = 'least_change_share' then parameters.parameter_value end)
            as least_change_share
    from ref.indicator_parameters as parameters
),

price_index as (
    select
        deflators.index_year,
        cast(deflators.index_value as double) as index_value
    from ref.impact_financial_deflators as deflators
),

measured as (
    select
        measurement.indicator_id,
        measurement.financial_year,
        measurement.breakdown,
        measurement.breakdown_value,
        measurement.breakdown_label,
        measurement.iod_edition,
        measurement.unit,
        measurement.measured_value,
        measurement.denominator,
        measurement.ci_low,
        measurement.ci_high,
        measurement.bound_low,
        measurement.bound_high,
        measurement.figure_basis,
        indicator.direction,
        indicator.change_rule,
        rule.later_baseline,
        money.price_basis,
        settings.baseline_year
    from indicators.measurements as measurement
    inner join ref.indicators as indicator on measurement.indicator_id = indicator.indicator_id
    inner join ref.baseline_rules as rule on indicator.baseline_rule = rule.baseline_rule
    left join ref.indicator_money as money on indicator.indicator_id = money.indicator_id
    cross join site.settings as settings
),

-- What was frozen, in the shape of a measurement.
frozen as (
    select
        baseline.indicator_id,
        baseline.financial_year,
        baseline.breakdown,
        baseline.breakdown_value,
        baseline.iod_edition,
        baseline.measured_value,
        baseline.denominator,
        baseline.ci_low,
        baseline.ci_high,
        baseline.bound_low,
        baseline.bound_high,
        baseline.figure_basis,
        baseline.version
    from site.baseline_values as baseline
    where baseline.measured_value is not null and not coalesce(baseline.is_superseded, false)
),

compared_with as (
    select
        measured.indicator_id,
        measured.financial_year,
        measured.breakdown,
        measured.breakdown_value,
        measured.iod_edition,
        frozen.version as baseline_version,
        measured.measured_value as recomputed_value,
        if(frozen.version is null, measured.measured_value, frozen.measured_value) as measured_value,
        if(frozen.version is null, measured.denominator, frozen.denominator) as denominator,
        if(frozen.version is null, measured.ci_low, frozen.ci_low) as ci_low,
        if(frozen.version is null, measured.ci_high, frozen.ci_high) as ci_high,
        if(frozen.version is null, measured.bound_low, frozen.bound_low) as bound_low,
        if(frozen.version is null, measured.bound_high, frozen.bound_high) as bound_high,
        if(frozen.version is null, measured.figure_basis, frozen.figure_basis) as figure_basis
    from measured
    left join frozen
        on
            measured.indicator_id = frozen.indicator_id
            and measured.financial_year = frozen.financial_year
            and measured.breakdown = frozen.breakdown
            and measured.breakdown_value = frozen.breakdown_value
            and measured.iod_edition is not distinct from frozen.iod_edition
    union all
    -- What was frozen stays also when nothing of the year is left to compute it from, as when the
    -- time of people's rows is up.
    select
        frozen.indicator_id,
        frozen.financial_year,
        frozen.breakdown,
        frozen.breakdown_value,
        frozen.iod_edition,
        frozen.version as baseline_version,
        cast(null as double) as recomputed_value,
        frozen.measured_value,
        frozen.denominator,
        frozen.ci_low,
        frozen.ci_high,
        frozen.bound_low,
        frozen.bound_high,
        frozen.figure_basis
    from frozen
    where not exists (
        select 1
        from measured
        where
            measured.indicator_id = frozen.indicator_id
            and measured.financial_year = frozen.financial_year
            and measured.breakdown = frozen.breakdown
            and measured.breakdown_value = frozen.breakdown_value
            and measured.iod_edition is not distinct from frozen.iod_edition
    )
),

-- The year of the baseline: that which was frozen; the first with a value where the rule allows a
-- later one.
baseline_year as (
    select
        measured.indicator_id,
        measured.breakdown,
        measured.breakdown_value,
        measured.iod_edition,
        coalesce(
            min(frozen.financial_year),
            case
                when bool_or(measured.later_baseline)
                    then min(measured.financial_year) filter (where measured.measured_value is not null)
            end,
            min(measured.baseline_year)
        ) as financial_year
    from measured
    left join frozen
        on
            measured.indicator_id = frozen.indicator_id
            and measured.breakdown = frozen.breakdown
            and measured.breakdown_value = frozen.breakdown_value
            and measured.iod_edition is not distinct from frozen.iod_edition
    group by
        measured.indicator_id, measured.breakdown, measured.breakdown_value, measured.iod_edition
),

-- What prices did between the year of the baseline and the year.
priced as (
    select
        measured.indicator_id,
        measured.financial_year,
        measured.breakdown,
        measured.breakdown_value,
        measured.iod_edition,
        case
            when measured.price_basis = 'nominal' then price_now.index_value / price_then.index_value
        end as deflator,
        case
            when measured.price_basis is null then 'not_money'
            when measured.price_basis = 'own' then 'own_prices'
            when price_now.index_value is null or price_then.index_value is null then 'no_deflator'
        end as real_null_reason
    from measured
    inner join baseline_year
        on
            measured.indicator_id = baseline_year.indicator_id
            and measured.breakdown = baseline_year.breakdown
            and measured.breakdown_value = baseline_year.breakdown_value
            and measured.iod_edition is not distinct from baseline_year.iod_edition
    left join price_index as price_now
        on cast(nullif(left(measured.financial_year, 4), '') as integer) = price_now.index_year
    left join price_index as price_then
        on cast(nullif(left(baseline_year.financial_year, 4), '') as integer) = price_then.index_year
),

paired as (
    select
        measured.indicator_id,
        measured.financial_year,
        measured.breakdown,
        measured.breakdown_value,
        measured.breakdown_label,
        measured.iod_edition,
        measured.unit,
        measured.direction,
        measured.change_rule,
        baseline_year.financial_year as baseline_year,
        baseline_year.financial_year <> measured.baseline_year as is_later_baseline,
        baseline.baseline_version,
        baseline.measured_value as baseline_value,
        baseline.recomputed_value as recomputed_baseline_value,
        prior.measured_value as prior_value,
        measured.measured_value,
        measured.measured_value - baseline.measured_value as change,
        measured.measured_value - prior.measured_value as change_on_year,
        measured.measured_value / priced.deflator as real_value,
        priced.real_null_reason,
        measured.figure_basis is distinct from baseline.figure_basis as is_other_basis,
        case measured.change_rule
            when 'newcombe' then (measured.measured_value - baseline.measured_value) - sqrt(
                power(measured.measured_value - measured.ci_low, 2)
                + power(baseline.ci_high - baseline.measured_value, 2)
            )
            when 'bounds'
                then measured.bound_low / coalesce(priced.deflator, 1) - baseline.bound_high
            when 'interval' then measured.ci_low - baseline.ci_high
        end as change_low,
        case measured.change_rule
            when 'newcombe' then (measured.measured_value - baseline.measured_value) + sqrt(
                power(measured.ci_high - measured.measured_value, 2)
                + power(baseline.measured_value - baseline.ci_low, 2)
            )
            when 'bounds'
                then measured.bound_high / coalesce(priced.deflator, 1) - baseline.bound_low
            when 'interval' then measured.ci_high - baseline.ci_low
        end as change_high,
        coalesce(least(measured.denominator, baseline.denominator), parameter.least_base)
        < parameter.least_base
        and measured.change_rule in ('newcombe', 'full_count') as is_small,
        coalesce(
            coalesce(measured.bound_high, measured.measured_value) / coalesce(priced.deflator, 1)
            >= coalesce(baseline.bound_low, baseline.measured_value)
            and coalesce(measured.bound_low, measured.measured_value) / coalesce(priced.deflator, 1)
            <= coalesce(baseline.bound_high, baseline.measured_value)
            and (measured.bound_low is not null or baseline.bound_low is not null),
            false
        ) as may_be_unknown,
        parameter.least_change_share
    from measured
    cross join parameter
    inner join baseline_year
        on
            measured.indicator_id = baseline_year.indicator_id
            and measured.breakdown = baseline_year.breakdown
            and measured.breakdown_value = baseline_year.breakdown_value
            and measured.iod_edition is not distinct from baseline_year.iod_edition
    inner join priced
        on
            measured.indicator_id = priced.indicator_id
            and measured.financial_year = priced.financial_year
            and measured.breakdown = priced.breakdown
            and measured.breakdown_value = priced.breakdown_value
            and measured.iod_edition is not distinct from priced.iod_edition
    left join compared_with as baseline
        on
            measured.indicator_id = baseline.indicator_id
            and baseline_year.financial_year = baseline.financial_year
            and measured.breakdown = baseline.breakdown
            and measured.breakdown_value = baseline.breakdown_value
            and measured.iod_edition is not distinct from baseline.iod_edition
    left join measured as prior
        on
            measured.indicator_id = prior.indicator_id
            and cast(left(measured.financial_year, 4) as integer)
            = cast(left(prior.financial_year, 4) as integer) + 1
            and measured.breakdown = prior.breakdown
            and measured.breakdown_value = prior.breakdown_value
            and measured.iod_edition is not distinct from prior.iod_edition
    where measured.financial_year > baseline_year.financial_year
),

judged as (
    select
        paired.*,
        -- What is judged: in real terms where that can be said.
        coalesce(paired.real_value, paired.measured_value) - paired.baseline_value as judged_change,
        case
            when paired.measured_value is null then 'no_value'
            when paired.baseline_value is null then 'no_baseline'
            when paired.is_other_basis then 'not_comparable'
            when paired.real_null_reason = 'no_deflator' then 'no_price_index'
            when paired.is_small then 'small_base'
            when paired.change_rule = 'none' then 'not_judged'
            when coalesce(paired.real_value, paired.measured_value) = paired.baseline_value
                then 'about_the_same'
            when
                paired.change_rule = 'full_count'
                and abs(coalesce(paired.real_value, paired.measured_value) - paired.baseline_value)
                < paired.least_change_share * abs(paired.baseline_value)
                then 'about_the_same'
            when paired.may_be_unknown then 'no_clear_change'
            when paired.change_rule = 'full_count' then 'changed'
            -- A rule that asks for an interval says nothing without one.
            when paired.change_low is null or paired.change_high is null then 'not_judged'
            when paired.change_low > 0 or paired.change_high < 0 then 'changed'
            else 'no_clear_change'
        end as certainty
    from paired
),

-- Figures that did not move as the whole did once a few payments are left out.
by_few as (
    select
        whole.indicator_id,
        whole.financial_year
    from judged as whole
    inner join judged as rest
        on
            whole.indicator_id = rest.indicator_id
            and whole.financial_year = rest.financial_year
            and rest.breakdown = 'without'
    where whole.breakdown = 'all' and whole.iod_edition is null and rest.measured_value is not null
    group by whole.indicator_id, whole.financial_year
    having
        not bool_and(
            rest.certainty = 'changed' and (rest.judged_change > 0) = (whole.judged_change > 0)
        )
)

select
    judged.indicator_id,
    judged.financial_year,
    judged.breakdown,
    judged.breakdown_value,
    judged.breakdown_label,
    judged.iod_edition,
    judged.unit,
    judged.baseline_year,
    judged.is_later_baseline,
    judged.baseline_version,
    judged.baseline_value,
    judged.recomputed_baseline_value,
    judged.prior_value,
    judged.measured_value,
    judged.change,
    judged.measured_value - judged.recomputed_baseline_value as change_like_for_like,
    judged.recomputed_baseline_value - judged.baseline_value as change_by_restatement,
    judged.change_on_year,
    case when judged.baseline_value > 0 then 100.0 * judged.change / judged.baseline_value end as change_pct,
    judged.real_value,
    judged.real_value - judged.baseline_value as real_change,
    case
        when judged.baseline_value > 0
            then 100.0 * (judged.real_value - judged.baseline_value) / judged.baseline_value
    end as real_change_pct,
    null_reasons(
        [
            [
                'change_pct',
                case
                    when judged.change is null then 'no_value'
                    when judged.baseline_value = 0 then 'zero_base'
                    when judged.baseline_value < 0 then 'negative_base'
                end
            ],
            [
                'real_change_pct',
                case
                    when judged.real_null_reason is not null then judged.real_null_reason
                    when judged.change is null then 'no_value'
                    when judged.baseline_value = 0 then 'zero_base'
                    when judged.baseline_value < 0 then 'negative_base'
                end
            ]
        ]
    ) as null_reasons,
    judged.change_low,
    judged.change_high,
    case
        when judged.certainty <> 'changed' then judged.certainty
        when by_few.indicator_id is not null then 'by_few'
        when judged.direction in ('none', 'parity') then 'changed'
        when (judged.direction = 'up') = (judged.judged_change > 0) then 'better'
        else 'worse'
    end as significance,
    case
        when
            judged.certainty <> 'changed'
            or by_few.indicator_id is not null
            or judged.direction in ('none', 'parity')
            then null
        else (judged.direction = 'up') = (judged.judged_change > 0)
    end as direction_met
from judged
left join by_few
    on
        judged.breakdown = 'all'
        and judged.iod_edition is null
        and judged.indicator_id = by_few.indicator_id
        and judged.financial_year = by_few.financial_year
