-- Grain: one paying body (or the group), coverage, amount basis, financial year, breakdown, value
-- and definition of local.
-- How much of what was bought went to suppliers in the city region. Shares are ratios of sums;
-- unknown places move the bounds only.
with suppliers as (
    select
        cell.*,
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
        end) as top10_gbp,
        -- The attributes stay columns: as rows, five for each supplier, their sums take ten times as long.
        count(supplier.supplier_key) filter (where supplier.csl) as csl_suppliers,
        count(supplier.supplier_key) filter (where supplier.csl is not null)
            as csl_known_suppliers,
        sum(supplier.csl_gbp) as csl_gbp,
        sum(supplier.csl_known_gbp) as csl_known_gbp,
        count(supplier.supplier_key) filter (where supplier.vcse) as vcse_suppliers,
        count(supplier.supplier_key) filter (where supplier.vcse is not null)
            as vcse_known_suppliers,
        sum(supplier.vcse_gbp) as vcse_gbp,
        sum(supplier.vcse_known_gbp) as vcse_known_gbp,
        count(supplier.supplier_key) filter (where supplier.sme) as sme_suppliers,
        count(supplier.supplier_key) filter (where supplier.sme is not null)
            as sme_known_suppliers,
        sum(supplier.sme_gbp) as sme_gbp,
        sum(supplier.sme_known_gbp) as sme_known_gbp,
        count(supplier.supplier_key) filter (where supplier.rlw) as rlw_suppliers,
        count(supplier.supplier_key) filter (where supplier.rlw is not null)
            as rlw_known_suppliers,
        sum(supplier.rlw_gbp) as rlw_gbp,
        sum(supplier.rlw_known_gbp) as rlw_known_gbp,
        count(supplier.supplier_key) filter (where supplier.sv_principles) as sv_principles_suppliers,
        count(supplier.supplier_key) filter (where supplier.sv_principles is not null)
            as sv_principles_known_suppliers,
        sum(supplier.sv_principles_gbp) as sv_principles_gbp,
        sum(supplier.sv_principles_known_gbp) as sv_principles_known_gbp
    from suppliers as supplier
    inner join ref.spend_parameters as top_suppliers
        on top_suppliers.parameter = 'top_suppliers'
    group by
        supplier.body_code, supplier.coverage, supplier.comparison_basis, supplier.financial_year,
        supplier.breakdown, supplier.breakdown_value, supplier.place_status, supplier.iod_edition,
        supplier.local_definition
),
-- Concentration by ultimate parent: the suppliers of a group are one.
group_spend as (
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
        supplier.group_key,
        sum(supplier.spend_gbp) as spend_gbp
    from suppliers as supplier
    where supplier.supplier_key is not null
    group by
        supplier.body_code, supplier.coverage, supplier.comparison_basis, supplier.financial_year,
        supplier.breakdown, supplier.breakdown_value, supplier.place_status, supplier.iod_edition,
        supplier.local_definition, supplier.group_key
),
group_sums as (
    select
        group_spend.body_code,
        group_spend.coverage,
        group_spend.comparison_basis,
        group_spend.financial_year,
        group_spend.breakdown,
        group_spend.breakdown_value,
        group_spend.place_status,
        group_spend.iod_edition,
        group_spend.local_definition,
        sum(greatest(group_spend.spend_gbp, 0)) as positive_gbp,
        sum(
            pence(greatest(group_spend.spend_gbp, 0)) * pence(greatest(group_spend.spend_gbp, 0))
        ) as positive_square
    from group_spend
    group by
        group_spend.body_code, group_spend.coverage, group_spend.comparison_basis,
        group_spend.financial_year, group_spend.breakdown, group_spend.breakdown_value,
        group_spend.place_status, group_spend.iod_edition, group_spend.local_definition
),
-- What no feed says of any supplier has no figure.
supplied as (
    select
        count(*) filter (where attribute = 'csl') > 0 as csl,
        count(*) filter (where attribute = 'vcse') > 0 as vcse,
        count(*) filter (where attribute = 'sme') > 0 as sme,
        count(*) filter (where attribute = 'rlw') > 0 as rlw,
        count(*) filter (where attribute = 'sv_principles') > 0 as sv_principles
    from stage.supplier_attributes
),
groups_supplied as (
    select count(*) > 0 as is_supplied
    from stage.supplier_group_periods
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
        supplier_attribute(
            'csl', supplied.csl, sums.csl_suppliers, sums.csl_known_suppliers,
            sums.csl_gbp, sums.csl_known_gbp, sums.spend_gbp
        ) as csl,
        supplier_attribute(
            'vcse', supplied.vcse, sums.vcse_suppliers, sums.vcse_known_suppliers,
            sums.vcse_gbp, sums.vcse_known_gbp, sums.spend_gbp
        ) as vcse,
        supplier_attribute(
            'sme', supplied.sme, sums.sme_suppliers, sums.sme_known_suppliers,
            sums.sme_gbp, sums.sme_known_gbp, sums.spend_gbp
        ) as sme,
        supplier_attribute(
            'rlw', supplied.rlw, sums.rlw_suppliers, sums.rlw_known_suppliers,
            sums.rlw_gbp, sums.rlw_known_gbp, sums.spend_gbp
        ) as rlw,
        supplier_attribute(
            'sv_principles', supplied.sv_principles, sums.sv_principles_suppliers,
            sums.sv_principles_known_suppliers, sums.sv_principles_gbp,
            sums.sv_principles_known_gbp, sums.spend_gbp
        ) as sv_principles,
        case when not groups_supplied.is_supplied then 'not_supplied' end as groups_reason,
        coalesce(group_sums.positive_square, 0) + sums.own_square as group_squares,
        pence(coalesce(group_sums.positive_gbp, 0) + sums.own_gbp) as group_base_pence,
        coalesce(group_sums.positive_square, 0)
        + pence(sums.together_gbp) * pence(sums.together_gbp) as group_squares_together,
        pence(coalesce(group_sums.positive_gbp, 0) + sums.together_gbp)
            as group_base_together_pence,
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
    cross join supplied
    cross join groups_supplied
    left join group_sums
        on sums.body_code = group_sums.body_code
        and sums.coverage = group_sums.coverage
        and sums.comparison_basis = group_sums.comparison_basis
        and sums.financial_year = group_sums.financial_year
        and sums.breakdown = group_sums.breakdown
        and sums.breakdown_value = group_sums.breakdown_value
        and sums.place_status = group_sums.place_status
        and sums.iod_edition is not distinct from group_sums.iod_edition
        and sums.local_definition = group_sums.local_definition
),
reasoned as (
    select
        judged.*,
        case
            when judged.group_base_pence <= 0 then 'no_positive_supplier'
        end as group_concentration_reason,
        case
            when judged.group_base_together_pence <= 0 then 'no_positive_supplier'
        end as group_together_reason
    from judged
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
        when judged.breakdown = 'supplier_type' then supplier_type.type_label
        when judged.breakdown = 'ownership' then ownership.ownership_label
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
    case
        when coalesce(judged.groups_reason, judged.group_concentration_reason) is null
            then share(judged.group_squares, judged.group_base_pence * judged.group_base_pence)
    end as hhi_group,
    case
        when coalesce(judged.groups_reason, judged.group_together_reason) is null
            then share(
                judged.group_squares_together,
                judged.group_base_together_pence * judged.group_base_together_pence
            )
    end as hhi_group_upper,
    judged.csl.suppliers as csl_suppliers,
    judged.csl.known_suppliers as csl_known_suppliers,
    judged.csl.gbp as csl_gbp,
    judged.csl.known_gbp as csl_known_gbp,
    judged.csl.share as csl_share,
    judged.csl.share_of_known as csl_share_of_known,
    judged.vcse.suppliers as vcse_suppliers,
    judged.vcse.known_suppliers as vcse_known_suppliers,
    judged.vcse.gbp as vcse_gbp,
    judged.vcse.known_gbp as vcse_known_gbp,
    judged.vcse.share as vcse_share,
    judged.vcse.share_of_known as vcse_share_of_known,
    judged.sme.suppliers as sme_suppliers,
    judged.sme.known_suppliers as sme_known_suppliers,
    judged.sme.gbp as sme_gbp,
    judged.sme.known_gbp as sme_known_gbp,
    judged.sme.share as sme_share,
    judged.sme.share_of_known as sme_share_of_known,
    judged.rlw.suppliers as rlw_suppliers,
    judged.rlw.known_suppliers as rlw_known_suppliers,
    judged.rlw.gbp as rlw_gbp,
    judged.rlw.known_gbp as rlw_known_gbp,
    judged.rlw.share as rlw_share,
    judged.rlw.share_of_known as rlw_share_of_known,
    judged.sv_principles.suppliers as sv_principles_suppliers,
    judged.sv_principles.known_suppliers as sv_principles_known_suppliers,
    judged.sv_principles.gbp as sv_principles_gbp,
    judged.sv_principles.known_gbp as sv_principles_known_gbp,
    judged.sv_principles.share as sv_principles_share,
    judged.sv_principles.share_of_known as sv_principles_share_of_known,
    null_reasons(flatten([
        [
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
            ['hhi_group', coalesce(judged.groups_reason, judged.group_concentration_reason)],
            ['hhi_group_upper', coalesce(judged.groups_reason, judged.group_together_reason)]
        ],
        judged.csl.reasons,
        judged.vcse.reasons,
        judged.sme.reasons,
        judged.rlw.reasons,
        judged.sv_principles.reasons
    ])) as null_reasons
from reasoned as judged
left join ref.spend_breakdowns as breakdown on judged.breakdown = breakdown.breakdown
left join ref.spend_flow_classes as class on judged.breakdown_value = class.flow_class
left join ref.supplier_types as supplier_type
    on judged.breakdown_value = supplier_type.supplier_type
left join ref.supplier_ownership as ownership on judged.breakdown_value = ownership.ownership
left join districts as district on judged.breakdown_value = district.lad_code
left join wards on judged.breakdown_value = wards.ward_code
