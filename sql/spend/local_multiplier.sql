-- Grain: one paying body (or the group), coverage, amount basis, financial year and scope.
-- LM2 and LM3: how much is spent in the area for each pound, over two rounds and over three. Ratios
-- of sums; a multiplier without a reference case, so never a factor of net impact.
-- The pay of staff is told in whole thousands, and the ratios are made of these: the rows of all
-- procurement stand beside it, and exact ratios would tell it to the penny.
with added as (
    select
        rounds.*,
        rounds.r2_suppliers_gbp + coalesce(rounds.r2_staff_gbp, 0) as r2_exact_gbp,
        case
            when rounds.r2_suppliers_gbp + coalesce(rounds.r2_staff_gbp, 0) = 0 then 0
            else rounds.r3_suppliers_gbp + coalesce(rounds.r3_staff_gbp, 0)
        end as r3_exact_gbp
    from stage.spend_multiplier_rounds as rounds
),
judged as (
    select
        added.* exclude (r1_gbp, unknown_gbp),
        case
            when added.scope = 'with_staff' then cast(round(added.r1_gbp, -3) as decimal(18, 2))
            else added.r1_gbp
        end as r1_gbp,
        case
            when added.scope = 'with_staff'
                then cast(round(added.r2_exact_gbp, -3) as decimal(18, 2))
            else added.r2_exact_gbp
        end as r2_gbp,
        case
            when added.scope = 'with_staff' then cast(round(added.unknown_gbp, -3) as decimal(18, 2))
            else added.unknown_gbp
        end as unknown_gbp,
        case
            when added.scope = 'with_staff' then round(added.r3_exact_gbp, -3)
            else added.r3_exact_gbp
        end as r3_found_gbp
    from added
),
found as (
    select
        judged.*,
        case
            when judged.staff_are_withheld then 'suppressed'
            when judged.r1_gbp = 0 then 'zero_base'
            when judged.r1_gbp < 0 then 'negative_base'
            when judged.r2_suppliers_gbp < 0 or judged.r2_staff_gbp < 0 then 'negative_component'
            when judged.r2_gbp > judged.r1_gbp then 'round_exceeds_prior'
        end as lm2_reason,
        -- By the unknown part, or by a bound that holds it, the pay of a few would be known.
        case
            when judged.staff_are_withheld or judged.unknown_staff_are_withheld then 'suppressed'
        end as unknown_reason,
        case
            when judged.r2_gbp = 0 then null
            when judged.r2_suppliers_gbp <> 0 and not judged.has_survey then 'not_supplied'
            when judged.lines_without_share > 0 and judged.answered_suppliers = 0 then 'no_response'
            when judged.lines_without_share > 0 then 'no_response_in_category'
            when not judged.staff_have_r3 then 'no_response'
            when judged.r3_found_gbp < 0 then 'negative_component'
            when judged.r3_found_gbp > judged.r2_gbp then 'round_exceeds_prior'
        end as round_3_reason,
        case
            when judged.not_local_gbp <> 0 and not judged.has_survey then 'not_supplied'
            when judged.not_local_without_share > 0 then 'incomplete_response'
        end as variant_reason,
        case
            when judged.r2_suppliers_gbp <= 0 then 'no_local_spend'
            when not judged.has_survey then 'not_supplied'
        end as coverage_reason
    from judged
),
reasons as (
    select
        found.*,
        coalesce(found.lm2_reason, found.round_3_reason) as r3_reason,
        coalesce(
            found.lm2_reason,
            found.unknown_reason,
            -- Credits of suppliers elsewhere would let it pass all that was bought.
            case when least(found.unknown_gbp, found.not_local_gbp) < 0 then 'negative_component' end
        ) as upper_reason
    from found
)

select
    body_code,
    coverage,
    amount_basis,
    financial_year,
    scope,
    scope_label,
    case when not staff_are_withheld then r1_gbp end as r1_gbp,
    case when not staff_are_withheld then r2_gbp end as r2_gbp,
    case when r3_reason is null then cast(r3_found_gbp as decimal(18, 2)) end as r3_gbp,
    case when unknown_reason is null then unknown_gbp end as unknown_gbp,
    case when lm2_reason is null then share(r1_gbp + r2_gbp, r1_gbp) end as lm2,
    -- Three amounts in whole thousands may add up to a thousand more.
    case
        when upper_reason is null
            then share(r1_gbp + least(r2_gbp + unknown_gbp, r1_gbp), r1_gbp)
    end as lm2_upper,
    case when r3_reason is null then share(r1_gbp + r2_gbp + r3_found_gbp, r1_gbp) end as lm3,
    case when lm2_reason is null then share(r2_gbp, r1_gbp) end as retention_share,
    asked_suppliers,
    answered_suppliers,
    case when coverage_reason is null then share(answered_gbp, r2_suppliers_gbp) end
        as survey_coverage,
    case
        when coverage_reason is null
            then share(category_mean_gbp + named_source_gbp, r2_suppliers_gbp)
    end as imputed_share,
    case when coverage_reason is null then share(named_source_gbp, r2_suppliers_gbp) end
        as named_source_share,
    case
        when scope <> 'with_staff' and coalesce(r3_reason, variant_reason) is null
            then share(r2_suppliers_gbp + r3_suppliers_gbp + respend_not_local_gbp, r1_gbp)
    end as nb_variant,
    null_reasons([
        ['r1_gbp', case when staff_are_withheld then 'suppressed' end],
        ['r2_gbp', case when staff_are_withheld then 'suppressed' end],
        ['r3_gbp', r3_reason],
        ['unknown_gbp', unknown_reason],
        ['lm2', lm2_reason],
        ['lm2_upper', upper_reason],
        ['lm3', r3_reason],
        ['retention_share', lm2_reason],
        ['survey_coverage', coverage_reason],
        ['imputed_share', coverage_reason],
        ['named_source_share', coverage_reason],
        [
            'nb_variant',
            case
                when scope = 'with_staff' then 'not_of_contracts'
                else coalesce(r3_reason, variant_reason)
            end
        ]
    ]) as null_reasons
from reasons
