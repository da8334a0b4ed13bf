-- Grain: one paying body (or the group), coverage, amount basis, financial year and scope.
-- The rounds of LM3 before anything is divided: what was bought, what of it from suppliers in the
-- area, what these spend there again, and on what that rests. The group is the sum of the bodies.
with lines as (
    select
        line.body_code,
        line.coverage,
        line.comparison_basis,
        line.financial_year,
        line.supplier_key,
        line.amount_gbp,
        line.is_local,
        respend.respend_basis,
        respend.respend_share,
        coalesce(respend.is_asked, false) as is_asked,
        respend.line_key is not null as has_survey,
        unnest([
            struct_pack(scope := 'all', scope_label := 'All procurement'),
            struct_pack(
                scope := case
                    when line.goods_services_works in ('goods', 'services')
                        then 'goods_and_services'
                end,
                scope_label := 'Goods and services'
            ),
            struct_pack(
                scope := case when line.goods_services_works = 'works' then 'works' end,
                scope_label := 'Works'
            ),
            struct_pack(
                scope := 'category:' || coalesce(lower(line.category_level_1), 'not_stated'),
                scope_label := coalesce(line.category_level_1, 'Not stated')
            )
        ]) as cell
    from stage.spend_share_lines as line
    left join stage.spend_respend_lines as respend
        on line.line_key = respend.line_key and line.part_number = respend.part_number
    where line.in_scope and line.local_definition = 'delivery_branch'
),
bought as (
    select
        body_code,
        coverage,
        comparison_basis,
        financial_year,
        cell.scope as scope,
        min(cell.scope_label) as scope_label,
        sum(amount_gbp) as r1_gbp,
        coalesce(sum(amount_gbp) filter (where is_local), 0) as r2_suppliers_gbp,
        coalesce(sum(amount_gbp) filter (where not is_local), 0) as not_local_gbp,
        coalesce(sum(amount_gbp) filter (where is_local is null), 0) as unknown_gbp,
        coalesce(sum(amount_gbp) filter (where is_local and respend_basis = 'answered'), 0)
            as answered_gbp,
        coalesce(sum(amount_gbp) filter (where is_local and respend_basis = 'category_mean'), 0)
            as category_mean_gbp,
        coalesce(sum(amount_gbp) filter (where is_local and respend_basis = 'named_source'), 0)
            as named_source_gbp,
        count(*) filter (where is_local and respend_basis is null) as lines_without_share,
        count(*) filter (where not is_local and respend_basis is null) as not_local_without_share,
        coalesce(exact_sum(case when is_local then amount_gbp * respend_share end), 0)
            as r3_suppliers_gbp,
        coalesce(exact_sum(case when not is_local then amount_gbp * respend_share end), 0)
            as respend_not_local_gbp,
        bool_or(has_survey) as has_survey,
        count(distinct case when is_local and is_asked then supplier_key end) as asked_suppliers,
        count(distinct case when is_local and respend_basis = 'answered' then supplier_key end)
            as answered_suppliers
    from lines
    where cell.scope is not null
    group by body_code, coverage, comparison_basis, financial_year, cell.scope
),
-- The bodies that stand in the group, to add up their staff when all of them say it.
members as (
    select
        bought.body_code,
        bought.coverage,
        bought.comparison_basis,
        bought.financial_year
    from bought
    inner join site.bodies as body on bought.body_code = body.body_code
    where bought.scope = 'all'
),
staff as (
    select
        members.body_code,
        members.coverage,
        members.comparison_basis,
        members.financial_year,
        rounds.pay_gbp,
        rounds.local_pay_gbp,
        rounds.unknown_pay_gbp,
        rounds.respend_share * rounds.local_pay_gbp as r3_staff_gbp,
        rounds.local_pay_gbp = 0 or rounds.respend_share is not null as has_r3,
        rounds.staff_are_too_few as is_withheld,
        rounds.unknown_are_too_few as unknown_is_withheld
    from members
    inner join stage.spend_staff_rounds as rounds
        on members.body_code = rounds.body_code
        and members.financial_year = rounds.financial_year
    union all
    select
        'group' as body_code,
        members.coverage,
        members.comparison_basis,
        members.financial_year,
        sum(rounds.pay_gbp) as pay_gbp,
        sum(rounds.local_pay_gbp) as local_pay_gbp,
        sum(rounds.unknown_pay_gbp) as unknown_pay_gbp,
        exact_sum(rounds.respend_share * rounds.local_pay_gbp) as r3_staff_gbp,
        bool_and(rounds.local_pay_gbp = 0 or rounds.respend_share is not null) as has_r3,
        bool_or(rounds.staff_are_too_few) as is_withheld,
        bool_or(rounds.unknown_are_too_few) as unknown_is_withheld
    from members
    left join stage.spend_staff_rounds as rounds
        on members.body_code = rounds.body_code
        and members.financial_year = rounds.financial_year
    group by members.coverage, members.comparison_basis, members.financial_year
    having count(rounds.body_code) = count(*)
)

select
    bought.body_code,
    bought.coverage,
    bought.comparison_basis as amount_basis,
    bought.financial_year,
    bought.scope,
    bought.scope_label,
    bought.r1_gbp,
    bought.r2_suppliers_gbp,
    cast(null as decimal(18, 2)) as r2_staff_gbp,
    bought.not_local_gbp,
    bought.unknown_gbp,
    bought.answered_gbp,
    bought.category_mean_gbp,
    bought.named_source_gbp,
    bought.lines_without_share,
    bought.not_local_without_share,
    bought.r3_suppliers_gbp,
    cast(null as double) as r3_staff_gbp,
    bought.respend_not_local_gbp,
    bought.has_survey,
    bought.asked_suppliers,
    bought.answered_suppliers,
    true as staff_have_r3,
    false as staff_are_withheld,
    false as unknown_staff_are_withheld
from bought
union all
select
    bought.body_code,
    bought.coverage,
    bought.comparison_basis as amount_basis,
    bought.financial_year,
    'with_staff' as scope,
    'All procurement and pay of own staff' as scope_label,
    bought.r1_gbp + staff.pay_gbp as r1_gbp,
    bought.r2_suppliers_gbp,
    staff.local_pay_gbp as r2_staff_gbp,
    bought.not_local_gbp,
    bought.unknown_gbp + staff.unknown_pay_gbp as unknown_gbp,
    bought.answered_gbp,
    bought.category_mean_gbp,
    bought.named_source_gbp,
    bought.lines_without_share,
    bought.not_local_without_share,
    bought.r3_suppliers_gbp,
    coalesce(staff.r3_staff_gbp, 0) as r3_staff_gbp,
    bought.respend_not_local_gbp,
    bought.has_survey,
    bought.asked_suppliers,
    bought.answered_suppliers,
    staff.has_r3 as staff_have_r3,
    staff.is_withheld as staff_are_withheld,
    staff.unknown_is_withheld as unknown_staff_are_withheld
from bought
inner join staff
    on bought.body_code = staff.body_code
    and bought.coverage = staff.coverage
    and bought.comparison_basis = staff.comparison_basis
    and bought.financial_year = staff.financial_year
where bought.scope = 'all'
