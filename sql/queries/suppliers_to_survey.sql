-- Which local suppliers of the latest year should be asked what they spend again in the area, the largest of each category first?
-- tier: spend
with paid as (
    select
        payment.body_code,
        payment.financial_year,
        coalesce(payment.category_level_1, 'Not stated') as category,
        payment.supplier_key,
        min(payment.supplier_ref) as supplier_ref,
        min(payment.supplier_name) as supplier_name,
        sum(payment.amount_gbp) as paid_gbp
    from spend.payments as payment
    where
        payment.in_scope
        and payment.is_identified
        and payment.local_delivery
        and payment.financial_year <> 'unknown_period'
    group by
        payment.body_code, payment.financial_year, coalesce(payment.category_level_1, 'Not stated'),
        payment.supplier_key
),
ranked as (
    select
        paid.*,
        row_number() over (
            partition by paid.body_code, paid.financial_year, paid.category
            order by paid.paid_gbp desc, paid.supplier_key
        ) as place_in_category,
        max(paid.financial_year) over (partition by paid.body_code) as latest_year
    from paid
)

select
    ranked.body_code,
    ranked.financial_year,
    ranked.category,
    ranked.place_in_category,
    ranked.supplier_ref,
    ranked.supplier_name,
    ranked.paid_gbp
from ranked
where ranked.financial_year = ranked.latest_year and ranked.place_in_category <= 3
order by ranked.body_code, ranked.category, ranked.place_in_category
