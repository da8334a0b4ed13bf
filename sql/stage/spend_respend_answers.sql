-- Grain: one questionnaire to a supplier.
-- Which supplier of the body's payments it is about, and the part of the money that was spent again
-- in the area. The supplier is found by its number in the ledger, else its company number, else its
-- name.
with questionnaires as (
    select
        line_key,
        body_code,
        financial_year,
        tidy_text(supplier_ref) as supplier_ref,
        company_number_key(company_number) as company_number,
        supplier_name_key(supplier_name) as supplier_name_key,
        tidy_text(contract_ref) as contract_ref,
        lower(tidy_text(category)) as category,
        answered,
        cast(
            (coalesce(local_spend_pct, 0) + coalesce(local_staff_pct, 0)) / 100 as decimal(9, 8)
        ) as respend_share
    from raw.spend_respend_surveys
    where respondent_kind = 'supplier'
),
paid as (
    select
        body_code,
        supplier_key,
        supplier_ref,
        company_number,
        supplier_name_key(supplier_name) as supplier_name_key
    from spend.payments
    where is_identified
),
by_ref as (
    select
        body_code,
        supplier_ref,
        min(supplier_key) as supplier_key
    from paid
    where supplier_ref is not null
    group by body_code, supplier_ref
    having count(distinct supplier_key) = 1
),
by_company as (
    select
        body_code,
        company_number,
        min(supplier_key) as supplier_key
    from paid
    where company_number is not null
    group by body_code, company_number
    having count(distinct supplier_key) = 1
),
by_name as (
    select
        body_code,
        supplier_name_key,
        min(supplier_key) as supplier_key
    from paid
    where supplier_name_key is not null
    group by body_code, supplier_name_key
    having count(distinct supplier_key) = 1
)

select
    asked.line_key,
    asked.body_code,
    asked.financial_year,
    coalesce(by_ref.supplier_key, by_company.supplier_key, by_name.supplier_key) as supplier_key,
    case
        when by_ref.supplier_key is not null then 'supplier_ref'
        when by_company.supplier_key is not null then 'company_number'
        when by_name.supplier_key is not null then 'name'
        else 'none'
    end as found_by,
    asked.contract_ref,
    asked.category,
    asked.answered,
    case when asked.answered then asked.respend_share end as respend_share
from questionnaires as asked
left join by_ref
    on asked.body_code = by_ref.body_code and asked.supplier_ref = by_ref.supplier_ref
left join by_company
    on asked.body_code = by_company.body_code and asked.company_number = by_company.company_number
left join by_name
    on asked.body_code = by_name.body_code and asked.supplier_name_key = by_name.supplier_name_key
