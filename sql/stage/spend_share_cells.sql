-- Grain: one cell of spend.local_spend and supplier; one row for all lines of the cell without an
-- identified supplier.
-- What each supplier received in each cell, split into local, not local and unknown, so that sums,
-- counts and concentration are made from the same rows. A supplier that may be a person is told by
-- district and no closer: by ward and by decile it is unplaced.
with largest_suppliers as (
    select
        body_code,
        coverage,
        comparison_basis,
        financial_year,
        local_definition,
        supplier_key,
        row_number() over (
            partition by body_code, coverage, comparison_basis, financial_year, local_definition
            order by sum(amount_gbp) desc, supplier_key
        ) as size_rank
    from stage.spend_share_lines
    where in_scope and supplier_key is not null
    group by body_code, coverage, comparison_basis, financial_year, local_definition, supplier_key
),
left_out as (
    select
        largest_suppliers.body_code,
        largest_suppliers.coverage,
        largest_suppliers.comparison_basis,
        largest_suppliers.financial_year,
        largest_suppliers.local_definition,
        largest_suppliers.supplier_key
    from largest_suppliers
    inner join ref.spend_parameters as how_many on how_many.parameter = 'largest_suppliers_left_out'
    where largest_suppliers.size_rank <= how_many.parameter_value
),
years_with_capital_marked as (
    select distinct -- one row for each year and body in which lines say capital or revenue
        body_code,
        coverage,
        comparison_basis,
        financial_year
    from stage.spend_share_lines
    where in_scope and capital_or_revenue is not null
),
-- Without a feed that says what suppliers are, types of supplier would be nothing but not known.
said as (
    select count(*) > 0 as is_said
    from stage.supplier_attributes
    where attribute in ('vcse', 'sme')
),
may_be_people as (
    select distinct supplier_key -- one row for each supplier
    from spend.payments
    where payee_may_be_person and is_identified
),
lines as (
    select
        line.body_code,
        line.local_definition,
        line.coverage,
        line.comparison_basis,
        line.financial_year,
        line.flow_class,
        line.in_scope,
        line.supplier_key,
        line.part_number,
        line.amount_gbp,
        line.is_local,
        line.is_stand_in,
        line.place_status,
        line.lad_code,
        case when person.supplier_key is null then line.ward_code end as ward_code,
        case
            when
                line.place_status = 'placed'
                and (line.ward_code is null or person.supplier_key is not null)
                then 'unplaced'
            else line.place_status
        end as ward_status,
        case when person.supplier_key is null then line.lsoa11_code end as lsoa11_code,
        case when person.supplier_key is null then line.lsoa21_code end as lsoa21_code,
        marked.body_code is not null
        and line.capital_or_revenue is distinct from 'capital' as is_without_capital,
        left_out.supplier_key is null as is_without_largest,
        coalesce(lower(line.category_level_1), 'not_stated') as category_value,
        coalesce(line.category_level_1, 'Not stated') as category_label,
        coalesce(line.goods_services_works, 'not_stated') as kind_value,
        coalesce(lower(line.directorate), 'not_stated') as directorate_value,
        coalesce(line.directorate, 'Not stated') as directorate_label,
        coalesce(strftime(line.posting_date, '%Y-%m'), 'unknown_period') as month_value,
        case when said.is_said then line.supplier_type end as type_value,
        line.ownership as ownership_value,
        line.group_key,
        line.csl,
        line.vcse,
        line.sme,
        line.rlw,
        line.sv_principles
    from stage.spend_share_lines as line
    cross join said
    left join may_be_people as person on line.supplier_key = person.supplier_key
    left join years_with_capital_marked as marked
        on line.body_code = marked.body_code
        and line.coverage = marked.coverage
        and line.comparison_basis = marked.comparison_basis
        and line.financial_year = marked.financial_year
    left join left_out
        on line.body_code = left_out.body_code
        and line.coverage = left_out.coverage
        and line.comparison_basis = left_out.comparison_basis
        and line.financial_year = left_out.financial_year
        and line.local_definition = left_out.local_definition
        and line.supplier_key = left_out.supplier_key
),
-- Lines of a supplier that fall into the same cells are added up before they are dealt to them.
alike as (
    select
        body_code,
        coverage,
        comparison_basis,
        financial_year,
        local_definition,
        supplier_key,
        flow_class,
        in_scope,
        place_status,
        lad_code,
        ward_code,
        ward_status,
        lsoa11_code,
        lsoa21_code,
        is_without_capital,
        is_without_largest,
        category_value,
        category_label,
        kind_value,
        directorate_value,
        directorate_label,
        month_value,
        type_value,
        ownership_value,
        group_key,
        sum(amount_gbp) as spend_gbp,
        coalesce(sum(amount_gbp) filter (where is_local), 0) as local_gbp,
        coalesce(sum(amount_gbp) filter (where not is_local), 0) as not_local_gbp,
        coalesce(sum(amount_gbp) filter (where is_local is null), 0) as unknown_gbp,
        coalesce(sum(amount_gbp) filter (where is_stand_in), 0) as stand_in_gbp,
        count(*) filter (where part_number = 1) as lines,
        count(*) filter (where is_local) as local_lines,
        bool_or(csl) as csl,
        coalesce(sum(amount_gbp) filter (where csl), 0) as csl_gbp,
        coalesce(sum(amount_gbp) filter (where csl is not null), 0) as csl_known_gbp,
        bool_or(vcse) as vcse,
        coalesce(sum(amount_gbp) filter (where vcse), 0) as vcse_gbp,
        coalesce(sum(amount_gbp) filter (where vcse is not null), 0) as vcse_known_gbp,
        bool_or(sme) as sme,
        coalesce(sum(amount_gbp) filter (where sme), 0) as sme_gbp,
        coalesce(sum(amount_gbp) filter (where sme is not null), 0) as sme_known_gbp,
        bool_or(rlw) as rlw,
        coalesce(sum(amount_gbp) filter (where rlw), 0) as rlw_gbp,
        coalesce(sum(amount_gbp) filter (where rlw is not null), 0) as rlw_known_gbp,
        bool_or(sv_principles) as sv_principles,
        coalesce(sum(amount_gbp) filter (where sv_principles), 0) as sv_principles_gbp,
        coalesce(sum(amount_gbp) filter (where sv_principles is not null), 0)
            as sv_principles_known_gbp,
        coalesce(sum(amount_gbp) filter (where amount_gbp > 0), 0) as positive_lines_gbp,
        coalesce(sum(pence(amount_gbp) * pence(amount_gbp)) filter (where amount_gbp > 0), 0)
            as positive_lines_square
    from lines
    group by
        body_code, coverage, comparison_basis, financial_year, local_definition,
        supplier_key, flow_class, in_scope, place_status, lad_code,
        ward_code, ward_status, lsoa11_code, lsoa21_code, is_without_capital,
        is_without_largest, category_value, category_label, kind_value, directorate_value,
        directorate_label, month_value, type_value, ownership_value, group_key
),
deciles as (
    select
        edition.iod_edition,
        cast(edition.lsoa_vintage as integer) as lsoa_vintage,
        lsoa.lsoa_code,
        lsoa.imd_decile
    from ref.iod_edition as edition
    inner join geo.lsoa as lsoa
        on edition.iod_edition = cast(lsoa.iod_edition as varchar)
        and cast(edition.lsoa_vintage as integer) = cast(lsoa.vintage as integer)
),
editions_with_deciles as (
    select distinct -- one row for each edition that is loaded
        iod_edition,
        lsoa_vintage
    from deciles
),
-- Each of them once for each cell it belongs to, first the cells that need no look-up.
cell_lines as (
    select
        alike.body_code,
        alike.coverage,
        alike.comparison_basis,
        alike.financial_year,
        alike.local_definition,
        alike.supplier_key,
        alike.group_key,
        alike.spend_gbp,
        alike.local_gbp,
        alike.not_local_gbp,
        alike.unknown_gbp,
        alike.stand_in_gbp,
        alike.lines,
        alike.local_lines,
        alike.csl,
        alike.csl_gbp,
        alike.csl_known_gbp,
        alike.vcse,
        alike.vcse_gbp,
        alike.vcse_known_gbp,
        alike.sme,
        alike.sme_gbp,
        alike.sme_known_gbp,
        alike.rlw,
        alike.rlw_gbp,
        alike.rlw_known_gbp,
        alike.sv_principles,
        alike.sv_principles_gbp,
        alike.sv_principles_known_gbp,
        alike.positive_lines_gbp,
        alike.positive_lines_square,
        unnest([
            struct_pack(
                breakdown := case when alike.in_scope then 'all' end,
                cell_value := 'all', cell_label := cast(null as varchar), place_status := 'all'
            ),
            struct_pack(
                breakdown := case
                    when alike.in_scope and alike.is_without_capital then 'without_capital'
                end,
                cell_value := 'all', cell_label := null, place_status := 'all'
            ),
            struct_pack(
                breakdown := case
                    when alike.in_scope and alike.is_without_largest then 'without_top3'
                end,
                cell_value := 'all', cell_label := null, place_status := 'all'
            ),
            struct_pack(
                breakdown := case when alike.in_scope then 'category' end,
                cell_value := alike.category_value, cell_label := alike.category_label,
                place_status := 'all'
            ),
            struct_pack(
                breakdown := case when alike.in_scope then 'goods_services_works' end,
                cell_value := alike.kind_value, cell_label := null, place_status := 'all'
            ),
            struct_pack(
                breakdown := case when alike.in_scope then 'directorate' end,
                cell_value := alike.directorate_value, cell_label := alike.directorate_label,
                place_status := 'all'
            ),
            struct_pack(
                breakdown := case when alike.in_scope then 'lad' end,
                cell_value := case
                    when alike.place_status = 'placed' then alike.lad_code
                    else alike.place_status
                end,
                cell_label := null, place_status := alike.place_status
            ),
            struct_pack(
                breakdown := case when alike.in_scope then 'ward' end,
                cell_value := case
                    when alike.ward_status = 'placed' then alike.ward_code
                    else alike.ward_status
                end,
                cell_label := null, place_status := alike.ward_status
            ),
            struct_pack(
                breakdown := case when alike.in_scope then 'month' end,
                cell_value := alike.month_value, cell_label := null, place_status := 'all'
            ),
            struct_pack(
                breakdown := case
                    when alike.in_scope and alike.type_value is not null then 'supplier_type'
                end,
                cell_value := alike.type_value, cell_label := null, place_status := 'all'
            ),
            struct_pack(
                breakdown := case when alike.in_scope then 'ownership' end,
                cell_value := alike.ownership_value, cell_label := null, place_status := 'all'
            ),
            struct_pack(
                breakdown := 'flow_class',
                cell_value := alike.flow_class, cell_label := null, place_status := 'all'
            )
        ]) as cell,
        cast(null as varchar) as iod_edition
    from alike
    union all
    select
        alike.body_code,
        alike.coverage,
        alike.comparison_basis,
        alike.financial_year,
        alike.local_definition,
        alike.supplier_key,
        alike.group_key,
        alike.spend_gbp,
        alike.local_gbp,
        alike.not_local_gbp,
        alike.unknown_gbp,
        alike.stand_in_gbp,
        alike.lines,
        alike.local_lines,
        alike.csl,
        alike.csl_gbp,
        alike.csl_known_gbp,
        alike.vcse,
        alike.vcse_gbp,
        alike.vcse_known_gbp,
        alike.sme,
        alike.sme_gbp,
        alike.sme_known_gbp,
        alike.rlw,
        alike.rlw_gbp,
        alike.rlw_known_gbp,
        alike.sv_principles,
        alike.sv_principles_gbp,
        alike.sv_principles_known_gbp,
        alike.positive_lines_gbp,
        alike.positive_lines_square,
        struct_pack(
            breakdown := 'imd_decile',
            cell_value := case
                when alike.place_status <> 'placed' then alike.place_status
                else coalesce(cast(deciles.imd_decile as varchar), 'unplaced')
            end,
            cell_label := cast(null as varchar),
            place_status := case
                when alike.place_status = 'placed' and deciles.imd_decile is null then 'unplaced'
                else alike.place_status
            end
        ) as cell,
        editions_with_deciles.iod_edition
    from alike
    cross join editions_with_deciles
    left join deciles
        on editions_with_deciles.iod_edition = deciles.iod_edition
        and case
            when alike.place_status <> 'placed' then null
            when editions_with_deciles.lsoa_vintage = 2011 then alike.lsoa11_code
            when editions_with_deciles.lsoa_vintage = 2021 then alike.lsoa21_code
        end = deciles.lsoa_code
    where alike.in_scope
)

select
    body_code,
    coverage,
    comparison_basis,
    financial_year,
    cell.breakdown as breakdown,
    cell.cell_value as breakdown_value,
    cell.place_status as place_status,
    iod_edition,
    local_definition,
    supplier_key,
    min(cell.cell_label) as breakdown_label,
    max(group_key) as group_key,
    sum(spend_gbp) as spend_gbp,
    sum(local_gbp) as local_gbp,
    sum(not_local_gbp) as not_local_gbp,
    sum(unknown_gbp) as unknown_gbp,
    sum(stand_in_gbp) as stand_in_gbp,
    cast(sum(lines) as bigint) as lines,
    cast(sum(local_lines) as bigint) as local_lines,
    bool_or(csl) as csl,
    sum(csl_gbp) as csl_gbp,
    sum(csl_known_gbp) as csl_known_gbp,
    bool_or(vcse) as vcse,
    sum(vcse_gbp) as vcse_gbp,
    sum(vcse_known_gbp) as vcse_known_gbp,
    bool_or(sme) as sme,
    sum(sme_gbp) as sme_gbp,
    sum(sme_known_gbp) as sme_known_gbp,
    bool_or(rlw) as rlw,
    sum(rlw_gbp) as rlw_gbp,
    sum(rlw_known_gbp) as rlw_known_gbp,
    bool_or(sv_principles) as sv_principles,
    sum(sv_principles_gbp) as sv_principles_gbp,
    sum(sv_principles_known_gbp) as sv_principles_known_gbp,
    sum(positive_lines_gbp) as positive_lines_gbp,
    sum(positive_lines_square) as positive_lines_square
from cell_lines
where cell.breakdown is not null
group by
    body_code, coverage, comparison_basis, financial_year, cell.breakdown, cell.cell_value,
    cell.place_status, iod_edition, local_definition, supplier_key
