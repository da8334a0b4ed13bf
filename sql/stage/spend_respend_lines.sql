-- Grain: one ledger line in scope, or part of it, of a year and body that held a re-spend survey.
-- The part of each line that is spent again in the area: as its supplier answered, for the contract
-- or for all it was paid; else the mean of those who answered in the category, weighted by what
-- they were paid; else a share whose source is named. Without any of them it is not known.
with years as (
    select distinct -- a survey has many questionnaires
        body_code,
        financial_year
    from stage.spend_respend_answers
),
-- Several questionnaires of a supplier about the same: their mean, as they cannot be told apart.
answers as (
    select
        body_code,
        financial_year,
        supplier_key,
        contract_ref,
        max(category) as category,
        bool_or(answered) as answered,
        cast(sum(respend_share) / nullif(count(respend_share), 0) as decimal(9, 8)) as respend_share
    from stage.spend_respend_answers
    where supplier_key is not null
    group by body_code, financial_year, supplier_key, contract_ref
),
lines as (
    select
        line.line_key,
        line.part_number,
        line.body_code,
        line.coverage,
        line.comparison_basis,
        line.financial_year,
        line.is_local,
        line.amount_gbp,
        coalesce(
            of_contract.category, of_supplier.category, lower(line.category_level_1), 'not_stated'
        ) as category,
        coalesce(of_contract.line_asked, of_supplier.line_asked, false) as is_asked,
        coalesce(of_contract.respend_share, of_supplier.respend_share) as answered_share
    from stage.spend_share_lines as line
    inner join years
        on line.body_code = years.body_code and line.financial_year = years.financial_year
    left join spend.payments as payment on line.line_key = payment.line_key
    left join (
        select *, true as line_asked from answers where contract_ref is not null
    ) as of_contract
        on line.body_code = of_contract.body_code
        and line.financial_year = of_contract.financial_year
        and line.supplier_key = of_contract.supplier_key
        and payment.contract_ref = of_contract.contract_ref
    left join (
        select *, true as line_asked from answers where contract_ref is null
    ) as of_supplier
        on line.body_code = of_supplier.body_code
        and line.financial_year = of_supplier.financial_year
        and line.supplier_key = of_supplier.supplier_key
    where line.in_scope and line.local_definition = 'delivery_branch'
),
category_means as (
    select
        body_code,
        coverage,
        comparison_basis,
        financial_year,
        category,
        share(sum(amount_gbp * answered_share), sum(amount_gbp)) as mean_share
    from lines
    where is_local and answered_share is not null
    group by body_code, coverage, comparison_basis, financial_year, category
    having sum(amount_gbp) > 0
)

select
    lines.line_key,
    lines.part_number,
    lines.body_code,
    lines.coverage,
    lines.comparison_basis,
    lines.financial_year,
    lines.category,
    lines.is_local,
    lines.is_asked,
    case
        when lines.answered_share is not null then 'answered'
        when not lines.is_local then null
        when category_means.mean_share is not null then 'category_mean'
        when coalesce(named.respend_share, named_for_all.respend_share) is not null
            then 'named_source'
    end as respend_basis,
    case
        when lines.answered_share is not null then cast(lines.answered_share as double)
        when not lines.is_local then null
        else coalesce(
            category_means.mean_share,
            cast(named.respend_share as double),
            cast(named_for_all.respend_share as double)
        )
    end as respend_share,
    lines.amount_gbp
from lines
left join category_means
    on lines.body_code = category_means.body_code
    and lines.coverage = category_means.coverage
    and lines.comparison_basis = category_means.comparison_basis
    and lines.financial_year = category_means.financial_year
    and lines.category = category_means.category
left join ref.spend_respend_sources as named on lines.category = named.category
left join ref.spend_respend_sources as named_for_all on named_for_all.category = 'all'
where lines.is_local is not null
