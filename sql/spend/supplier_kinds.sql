-- Grain: one paying body (or the group), coverage, amount basis, financial year and kind of supplier.
-- How many of the suppliers paid in a year, and how much of the money, were third sector by legal
-- form (CO01), and how many on its last day accredited Real Living Wage employers, or bound to that
-- wage by a contract (CO02). What is not known of a supplier is in no numerator, and is no "no".
with loaded as (
    select count(*) filter (where register.register = 'charities') > 0 as has_charities
    from stage.supplier_registers as register
),
-- Endings of names show a legal form once the authority says so, as for M13.
name_ending as (
    select coalesce(bool_or(kind.counts), false) as counts
    from ref.supplier_evidence_kinds as kind
    where kind.attribute = 'vcse' and kind.evidence_kind = 'name_ending'
),
forms as (
    select
        entity.supplier_key,
        entity.charity_removed_on,
        case
            when entity.legal_form_basis = 'name_ending' and not name_ending.counts then null
            when form.ownership in ('charity', 'cic', 'mutual') then true
            when not form.may_be_charity then false
            -- A form that a charity may have: it is none if its register has it, and that of charities does not.
            when loaded.has_charities and entity.in_register then false
        end as is_third_sector
    from stage.supplier_entities as entity
    inner join ref.supplier_legal_forms as form on entity.legal_form = form.legal_form
    cross join loaded
    cross join name_ending
),
living_wage as (
    select
        period.supplier_key,
        years.financial_year,
        case
            when period.rlw and period.rlw_evidence in ('accreditation', 'contract_clause') then true
            -- Who says no more than that it pays the wage may be accredited or not.
            when not period.rlw then false
        end as is_living_wage
    from stage.supplier_periods as period
    inner join stage.indicator_years as years
        on (period.valid_from is null or period.valid_from <= years.last_date)
        and (period.valid_to is null or period.valid_to >= years.last_date)
),
lines as (
    select
        line.body_code,
        line.coverage,
        line.comparison_basis,
        line.financial_year,
        line.supplier_key,
        line.posting_date,
        line.amount_gbp
    from stage.spend_share_lines as line
    inner join stage.indicator_years as years on line.financial_year = years.financial_year
    where line.in_scope and line.local_definition = 'delivery_branch'
),
answered as (
    select
        lines.*,
        'third_sector' as supplier_kind,
        -- What has become of a charity that left its register is not known.
        case
            when forms.charity_removed_on is null or lines.posting_date <= forms.charity_removed_on
                then forms.is_third_sector
        end as answer
    from lines
    left join forms on lines.supplier_key = forms.supplier_key
    union all
    select
        lines.*,
        'living_wage' as supplier_kind,
        living_wage.is_living_wage as answer
    from lines
    left join living_wage
        on lines.supplier_key = living_wage.supplier_key
        and lines.financial_year = living_wage.financial_year
),
by_supplier as (
    select
        body_code,
        coverage,
        comparison_basis,
        financial_year,
        supplier_kind,
        supplier_key,
        bool_or(answer) as answer,
        sum(amount_gbp) as spend_gbp,
        coalesce(sum(amount_gbp) filter (where answer), 0) as of_kind_gbp,
        coalesce(sum(amount_gbp) filter (where answer is not null), 0) as known_gbp
    from answered
    group by body_code, coverage, comparison_basis, financial_year, supplier_kind, supplier_key
),
-- Without the list that most of a kind would be found by, the few found otherwise are no figure.
supplied as (
    select
        loaded.has_charities or exists (
            select 1
            from stage.supplier_entities as entity
            where entity.legal_form_basis = 'supplier_master'
        ) as third_sector,
        exists (
            select 1
            from stage.supplier_evidence as evidence
            where
                evidence.attribute = 'rlw'
                and evidence.evidence_kind in ('accreditation', 'accreditation_ended')
        ) as living_wage
    from loaded
),
counted as (
    select
        by_supplier.body_code,
        by_supplier.coverage,
        by_supplier.comparison_basis,
        by_supplier.financial_year,
        by_supplier.supplier_kind,
        if(by_supplier.supplier_kind = 'third_sector', supplied.third_sector, supplied.living_wage) as is_supplied,
        count(by_supplier.supplier_key) as suppliers,
        count(by_supplier.supplier_key) filter (where by_supplier.answer) as of_kind_suppliers,
        count(by_supplier.supplier_key) filter (where by_supplier.answer is not null) as known_suppliers,
        sum(by_supplier.spend_gbp) as spend_gbp,
        sum(by_supplier.of_kind_gbp) as of_kind_gbp,
        sum(by_supplier.known_gbp) as known_gbp
    from by_supplier
    cross join supplied
    group by
        by_supplier.body_code, by_supplier.coverage, by_supplier.comparison_basis,
        by_supplier.financial_year, by_supplier.supplier_kind, supplied.third_sector,
        supplied.living_wage
)

select
    body_code,
    coverage,
    comparison_basis as amount_basis,
    financial_year,
    supplier_kind,
    suppliers,
    case when is_supplied then of_kind_suppliers end as of_kind_suppliers,
    case when is_supplied then known_suppliers end as known_suppliers,
    spend_gbp,
    case when is_supplied then of_kind_gbp end as of_kind_gbp,
    case when is_supplied then known_gbp end as known_gbp,
    null_reasons([
        ['of_kind_suppliers', case when not is_supplied then 'not_supplied' end],
        ['known_suppliers', case when not is_supplied then 'not_supplied' end],
        ['of_kind_gbp', case when not is_supplied then 'not_supplied' end],
        ['known_gbp', case when not is_supplied then 'not_supplied' end]
    ]) as null_reasons
from counted
