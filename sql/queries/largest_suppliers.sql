-- Who are the fifty largest suppliers of each body and year, and are they local?
-- tier: spend
with suppliers as (
    select
        payment.body_code,
        payment.coverage,
        payment.comparison_basis,
        payment.financial_year,
        payment.supplier_key,
        max(payment.supplier_name) as supplier_name,
        sum(payment.amount_gbp) as spend_gbp,
        count(*) as payment_lines,
        sum(case when payment.local_reg then payment.amount_gbp else 0 end) as local_reg_gbp,
        sum(case when payment.local_delivery then payment.amount_gbp else 0 end)
            as local_delivery_gbp
    from spend.payments as payment
    where payment.in_scope and payment.is_identified
    group by
        payment.body_code, payment.coverage, payment.comparison_basis, payment.financial_year,
        payment.supplier_key
)

select
    supplier.body_code,
    supplier.financial_year,
    rank() over in_year as size_rank,
    supplier.supplier_name,
    supplier.spend_gbp,
    round(100 * supplier.spend_gbp / nullif(sum(supplier.spend_gbp) over (
        partition by
            supplier.body_code, supplier.coverage, supplier.comparison_basis,
            supplier.financial_year
    ), 0), 1) as pct_of_named,
    supplier.local_reg_gbp,
    supplier.local_delivery_gbp,
    supplier.payment_lines
from suppliers as supplier
window in_year as (
    partition by
        supplier.body_code, supplier.coverage, supplier.comparison_basis, supplier.financial_year
    order by supplier.spend_gbp desc
)
qualify rank() over in_year <= 50
order by
    supplier.body_code, supplier.coverage, supplier.comparison_basis, supplier.financial_year,
    size_rank, supplier.supplier_name
