-- Grain: one paying body (or the group), coverage, amount basis, financial year, breakdown, value
-- and definition of local.
-- How much of what was bought went to suppliers in the city region. Shares are ratios of sums;
-- unknown places move the bounds only.
with suppliers as (
    select
        cell.body_code,
        cell.coverage,
        cell.comparison_basis,
        cell.financial_year,
        cell.breakdown,
        cell.breakdown_value,
        cell.place_status,
        cell.iod_edition,
        cell.local_definition,
        cell.supplier_key,
        cell.breakdown_label,
        cell.spend_gbp,
        cell.local_gbp,
        cell.not_local_gbp,
        cell.unknown_gbp,
        cell.stand_in_gbp,
        cell.lines,
        cell.local_lines,
        cell.positive_lines_gbp,
        cell.positive_lines_square,
        cell.supplier_key is not null and cell.spend_gbp > 0 as is_counted,
        row_number() over (
            partition by
                cell.body_code, cell.coverage, cell.comparison_basis, cell.financial_year,
                cell.breakdown, cell.breakdown_value, cell.place_status, cell.iod_edition,
                cell.local_definition, cell.supplier_key is null
            order by cell.spend_gbp desc, cell.supplier_key
        ) as size_rank
    from stage.spend_share_cells as cell
),
sums as (
    select
        supplier.body_code,
        supplier.coverage,
        supplier.comparison_basis,
        supplier.financial_year,
        supplier.breakdown,
        supplier.breakdown_value,
        supplier.place_status,
        supplier.iod_edition,
        supplier.local_definition,
        min(supplier.breakdown_label) as published_label,
        sum(supplier.spend_gbp) as spend_gbp,
        sum(supplier.local_gbp) as local_gbp,
        sum(supplier.not_local_gbp) as not_local_gbp,
        sum(supplier.unknown_gbp) as unknown_gbp,
        sum(supplier.stand_in_gbp) as stand_in_gbp,
        sum(supplier.lines) as lines,
        sum(case when supplier.supplier_key is null then supplier.lines else 0 end)
            as unidentified_lines,
        sum(case when supplier.supplier_key is null then supplier.spend_gbp else 0 end)
            as unidentified_gbp,
        count(supplier.supplier_key) as suppliers,
        count(supplier.supplier_key) filter (where supplier.local_lines > 0) as local_suppliers,
        count(supplier.supplier_key) filter (where supplier.spend_gbp < 0)
            as net_negative_suppliers,
        -- Concentration counts suppliers with positive net spend. Lines without an identified
        -- supplier are each a supplier of their own (lower bound) or one together (upper bound).
        sum(case when supplier.is_counted then supplier.spend_gbp else 0 end) as positive_gbp,
        sum(case
            when supplier.is_counted then pence(supplier.spend_gbp) * pence(supplier.spend_gbp)
            else 0
        end) as positive_square,
        sum(case when supplier.supplier_key is null then supplier.positive_lines_gbp else 0 end)
            as own_gbp,
        sum(case when supplier.supplier_key is null then supplier.positive_lines_square else 0 end)
            as own_square,
        sum(case when supplier.supplier_key is null then greatest(supplier.spend_gbp, 0) else 0 end)
            as together_gbp,
        sum(case
            when supplier.is_counted and supplier.size_rank <= top_suppliers.parameter_value
                then supplier.spend_gbp
            else 0
        end) as top10_gbp
    from suppliers as supplier
    inner join ref.spend_parameters as top_suppliers
        on top_suppliers.parameter = 'top_suppliers'
    group by
        supplier.body_code, supplier.coverage, supplier.comparison_basis, supplier.financial_year,
        supplier.breakdown, supplier.breakdown_value, supplier.place_status, supplier.iod_edition,
        supplier.local_definition
),
judged as (
    select
        sums.body_code,
        sums.coverage,
        sums.comparison_basis,
        sums.financial_year,
        sums.breakdown,
        sums.breakdown_value,
        sums.place_status,
        sums.iod_edition,
        sums.local_definition,
        sums.published_label,
        sums.spend_gbp,
        sums.local_gbp,
        sums.not_local_gbp,
        sums.unknown_gbp,
        sums.local_gbp + sums.not_local_gbp as known_gbp,
        sums.stand_in_gbp,
        sums.lines,
        sums.unidentified_lines,
        sums.unidentified_gbp,
        sums.suppliers,
        sums.local_suppliers,
        sums.net_negative_suppliers,
        sums.top10_gbp,
        sums.positive_gbp + sums.own_gbp as concentration_base_gbp,
        pence(sums.positive_gbp + sums.own_gbp) as base_pence,
        sums.positive_square + sums.own_square as squares,
        pence(sums.positive_gbp + sums.together_gbp) as base_together_pence,
        sums.positive_square + pence(sums.together_gbp) * pence(sums.together_gbp)
            as squares_together,
        case
            when sums.spend_gbp <= 0 then 'non_positive_denominator'
            when least(sums.local_gbp, sums.not_local_gbp, sums.unknown_gbp) < 0
                then 'negative_component'
        end as bounds_reason,
        case
            when sums.local_gbp + sums.not_local_gbp = 0 then 'no_known'
        end as known_reason,
        case
            when sums.unknown_gbp > unknown_limit.parameter_value * sums.spend_gbp
                then 'unknown_above_limit'
        end as central_reason,
        case
            when sums.positive_gbp + sums.own_gbp <= 0 then 'no_positive_supplier'
        end as concentration_reason,
        case
            when sums.positive_gbp + sums.together_gbp <= 0 then 'no_positive_supplier'
        end as together_reason
    from sums
    inner join ref.spend_parameters as unknown_limit
        on unknown_limit.parameter = 'unknown_share_limit'
),
districts as (
    -- A district stands once for each edition of the Indices; its name is the same in all.
    select
        district.lad_code,
        max(district.lad_name) as lad_name
    from geo.district as district
    group by district.lad_code
),
wards as (
    select
        ward.ward_code,
        min(ward.ward_name) as ward_name
    from geo.ward as ward
    group by ward.ward_code
)

select
    judged.body_code,
    judged.coverage,
    judged.comparison_basis as amount_basis,
    judged.financial_year,
    judged.breakdown,
    judged.breakdown_value,
    case
        when judged.breakdown_value = 'unplaced' then 'Place not known'
        when judged.breakdown_value = 'outside_area' then 'Elsewhere in England'
        when judged.breakdown_value = 'outside_england' then 'Outside England'
        when judged.breakdown_value = 'not_stated' then 'Not stated'
        when judged.breakdown_value = 'unknown_period' then 'No posting date'
        when judged.breakdown = 'lad'
            then coalesce(district.lad_name, judged.breakdown_value)
        when judged.breakdown = 'ward' then coalesce(wards.ward_name, judged.breakdown_value)
        when judged.breakdown = 'imd_decile' then 'Decile ' || judged.breakdown_value
        when judged.breakdown = 'flow_class' then class.flow_label
        when judged.breakdown in ('category', 'directorate') then judged.published_label
        when judged.breakdown_value = 'all' then breakdown.breakdown_label
        else upper(left(judged.breakdown_value, 1)) || substring(judged.breakdown_value, 2)
    end as breakdown_label,
    judged.place_status,
    judged.iod_edition,
    case
        when judged.breakdown = 'imd_decile' and judged.place_status = 'placed'
            then cast(judged.breakdown_value as integer)
    end as imd_decile,
    judged.local_definition,
    judged.spend_gbp,
    judged.local_gbp,
    judged.not_local_gbp,
    judged.unknown_gbp,
    judged.known_gbp,
    judged.stand_in_gbp,
    case
        when coalesce(judged.bounds_reason, judged.known_reason) is null
            then share(judged.local_gbp, judged.spend_gbp)
    end as local_share_of_total,
    case
        when coalesce(judged.bounds_reason, judged.known_reason, judged.central_reason) is null
            then share(judged.local_gbp, judged.known_gbp)
    end as local_share_of_known,
    case
        when judged.bounds_reason is null
            then share(judged.local_gbp, judged.spend_gbp)
    end as lower_share,
    case
        when judged.bounds_reason is null
            then share(judged.local_gbp + judged.unknown_gbp, judged.spend_gbp)
    end as upper_share,
    case
        when judged.bounds_reason is null
            then share(judged.unknown_gbp, judged.spend_gbp)
    end as unknown_share,
    judged.lines as payment_lines,
    judged.unidentified_lines,
    judged.unidentified_gbp,
    judged.suppliers,
    judged.local_suppliers,
    judged.net_negative_suppliers,
    judged.concentration_base_gbp,
    judged.top10_gbp,
    case
        when judged.concentration_reason is null
            then share(judged.top10_gbp, judged.concentration_base_gbp)
    end as top10_share,
    case
        when judged.concentration_reason is null
            then share(judged.squares, judged.base_pence * judged.base_pence)
    end as hhi,
    case
        when judged.together_reason is null
            then share(
                judged.squares_together, judged.base_together_pence * judged.base_together_pence
            )
    end as hhi_upper,
    case
        when judged.concentration_reason is null
            then share(judged.base_pence * judged.base_pence, judged.squares)
    end as effective_suppliers,
    cast(null as bigint) as vcse_suppliers,
    cast(null as bigint) as rlw_suppliers,
    cast(null as bigint) as sv_principles_suppliers,
    cast(null as bigint) as csl_suppliers,
    cast(null as decimal(18, 2)) as csl_gbp,
    cast(null as double) as csl_share,
    cast(null as decimal(18, 2)) as vcse_gbp,
    cast(null as double) as vcse_share,
    cast(null as decimal(18, 2)) as sme_gbp,
    cast(null as decimal(18, 2)) as rlw_gbp,
    cast(null as decimal(18, 2)) as sv_principles_gbp,
    null_reasons([
        ['local_share_of_total', coalesce(judged.bounds_reason, judged.known_reason)],
        [
            'local_share_of_known',
            coalesce(judged.bounds_reason, judged.known_reason, judged.central_reason)
        ],
        ['lower_share', judged.bounds_reason],
        ['upper_share', judged.bounds_reason],
        ['unknown_share', judged.bounds_reason],
        ['top10_share', judged.concentration_reason],
        ['hhi', judged.concentration_reason],
        ['hhi_upper', judged.together_reason],
        ['effective_suppliers', judged.concentration_reason],
        ['vcse_suppliers', 'not_supplied'],
        ['rlw_suppliers', 'not_supplied'],
        ['sv_principles_suppliers', 'not_supplied'],
        ['csl_suppliers', 'not_supplied'],
        ['csl_gbp', 'not_supplied'],
        ['csl_share', 'not_supplied'],
        ['vcse_gbp', 'not_supplied'],
        ['vcse_share', 'not_supplied'],
        ['sme_gbp', 'not_supplied'],
        ['rlw_gbp', 'not_supplied'],
        ['sv_principles_gbp', 'not_supplied']
    ]) as null_reasons
from judged
left join ref.spend_breakdowns as breakdown on judged.breakdown = breakdown.breakdown
left join ref.spend_flow_classes as class on judged.breakdown_value = class.flow_class
left join districts as district on judged.breakdown_value = district.lad_code
left join wards on judged.breakdown_value = wards.ward_code
