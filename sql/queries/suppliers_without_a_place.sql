-- Whose address would narrow the bounds most?
-- tier: spend
select
    payment.body_code,
    payment.financial_year,
    max(payment.supplier_name) as supplier_name,
    sum(payment.amount_gbp) as unknown_gbp,
    count(*) as payment_lines,
    string_agg(distinct payment.delivery_evidence, ', ' order by payment.delivery_evidence) as why
from spend.payments as payment
where payment.in_scope and payment.is_identified and payment.local_delivery is null
group by
    payment.body_code, payment.coverage, payment.comparison_basis, payment.financial_year,
    payment.supplier_key
order by unknown_gbp desc, payment.body_code, payment.financial_year, supplier_name
