-- grain: body x financial year x breakdown x breakdown_value x local definition
with recursive
payments as (
    select
        p.body_code,
        year(p.posting_date) as financial_year,
        p.amount_gbp,
        p.supplier_key,
        p.supplier_name,
        p.flow_class,
        p.capital_or_revenue,
        p.category,
        p.directorate,
        coalesce(p.local_reg, false) as is_local_reg,
        p.local_delivery,
        case
            when p.flow_class in ('transfer', 'payroll', 'pension') then 'excluded'
            when p.flow_class = 'concession_reimbursement' then 'concession'
            when p.amount_gbp < 0 and p.document_ref is null then 'adjustment'
            else 'procurement'
        end as spend_class
    from spend.payments as p
    cross join site.as_of as s
    where p.in_scope
      and p.duplicate_of is null
),
by_supplier as (
    select
        body_code,
        financial_year,
        supplier_key,
        sum(amount_gbp) as supplier_gbp,
        row_number() over (
            partition by body_code, financial_year
            order by sum(amount_gbp) desc, supplier_key
        ) as supplier_rank,
        count(*) filter (where is_local_reg) as local_lines
    from payments
    group by body_code, financial_year, supplier_key
),
breakdowns as (
    select body_code, financial_year, 'all' as breakdown, 'all' as breakdown_value, supplier_key, amount_gbp, is_local_reg, local_delivery from payments
    union all
    select body_code, financial_year, 'without_capital' as breakdown, 'all' as breakdown_value, supplier_key, amount_gbp, is_local_reg, local_delivery from payments where capital_or_revenue = 'R'
    union all
    select body_code, financial_year, 'category' as breakdown, coalesce(category, 'unknown') as breakdown_value, supplier_key, amount_gbp, is_local_reg, local_delivery from payments
    union all
    select body_code, financial_year, 'directorate' as breakdown, coalesce(directorate, 'unknown') as breakdown_value, supplier_key, amount_gbp, is_local_reg, local_delivery from payments
    union all
    select p.body_code, p.financial_year, 'without_top3' as breakdown, 'all' as breakdown_value, p.supplier_key, p.amount_gbp, p.is_local_reg, p.local_delivery
    from payments as p
    join by_supplier as s
      on s.body_code = p.body_code and s.financial_year = p.financial_year and s.supplier_key = p.supplier_key
    where s.supplier_rank > 3
),
measures as (
    select
        body_code,
        financial_year,
        breakdown,
        breakdown_value,
        sum(amount_gbp) as spend_gbp,
        sum(case when local_delivery then amount_gbp else 0 end) as local_gbp,
        sum(case when not local_delivery then amount_gbp else 0 end) as not_local_gbp,
        sum(case when local_delivery is null then amount_gbp else 0 end) as unknown_gbp,
        count(distinct supplier_key) as suppliers,
        count(distinct case when local_delivery then supplier_key end) as local_suppliers
    from breakdowns
    group by body_code, financial_year, breakdown, breakdown_value
),
final as (
    select
        m.body_code,
        m.financial_year,
        m.breakdown,
        m.breakdown_value,
        cast(m.spend_gbp as decimal(18, 2)) as spend_gbp,
        cast(m.local_gbp as decimal(18, 2)) as local_gbp,
        cast(m.not_local_gbp as decimal(18, 2)) as not_local_gbp,
        cast(m.unknown_gbp as decimal(18, 2)) as unknown_gbp,
        share(m.local_gbp, m.spend_gbp) as local_share_of_total,
        share(m.local_gbp, m.local_gbp + m.not_local_gbp) as local_share_of_known,
        share(m.local_gbp, m.spend_gbp) as lower_share,
        share(m.local_gbp + m.unknown_gbp, m.spend_gbp) as upper_share,
        m.suppliers,
        m.local_suppliers
    from measures as m
    left join site.as_of as l on m.breakdown_value = '2025'
)
select
    body_code,
    spend_gbp as c0,
    spend_gbp as c1,
    spend_gbp as c2,
    spend_gbp as c3,
    spend_gbp as c4,
    spend_gbp as c5,
    spend_gbp as c6,
    spend_gbp as c7,
    spend_gbp as c8,
    spend_gbp as c9,
    spend_gbp as c10,
    spend_gbp as c11,
    spend_gbp as c12,
    spend_gbp as c13,
    spend_gbp as c14,
    spend_gbp as c15,
    spend_gbp as c16,
    spend_gbp as c17,
    spend_gbp as c18,
    spend_gbp as c19,
    spend_gbp as c20,
    spend_gbp as c21,
    spend_gbp as c22,
    spend_gbp as c23,
    spend_gbp as c24,
    spend_gbp as c25,
    spend_gbp as c26,
    spend_gbp as c27,
    spend_gbp as c28,
    spend_gbp as c29
from final
