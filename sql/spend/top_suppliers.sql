-- Grain: one paying body (or the group), coverage, amount basis, financial year and rank.
-- The fifty largest suppliers of each year by procurement. Only legal entities and public bodies are
-- named: a name that nothing shows to be one keeps its rank and its money without the name.
with spent as (
    select
        line.body_code,
        line.coverage,
        line.comparison_basis,
        line.financial_year,
        line.supplier_key,
        sum(line.amount_gbp) as spend_gbp,
        bool_or(line.vcse) as vcse,
        bool_or(line.sme) as sme,
        coalesce(sum(line.amount_gbp) filter (where line.is_local), 0) as local_reg_gbp,
        coalesce(sum(line.amount_gbp) filter (where not line.is_local), 0) as not_local_reg_gbp
    from stage.spend_share_lines as line
    where line.in_scope and line.local_definition = 'reg_office'
    group by
        line.body_code, line.coverage, line.comparison_basis, line.financial_year,
        line.supplier_key
),
delivered as (
    select
        line.body_code,
        line.coverage,
        line.comparison_basis,
        line.financial_year,
        line.supplier_key,
        coalesce(sum(line.amount_gbp) filter (where line.is_local), 0) as local_gbp,
        coalesce(sum(line.amount_gbp) filter (where not line.is_local), 0) as not_local_gbp
    from stage.spend_share_lines as line
    where
        line.in_scope
        and line.local_definition = 'delivery_branch'
        and line.supplier_key is not null
    group by
        line.body_code, line.coverage, line.comparison_basis, line.financial_year,
        line.supplier_key
),
totals as (
    select
        body_code,
        coverage,
        comparison_basis,
        financial_year,
        sum(spend_gbp) as total_gbp
    from spent
    group by body_code, coverage, comparison_basis, financial_year
),
names as (
    select
        supplier_key,
        min(supplier_name) as supplier_name,
        bool_or(supplier_sector in ('public', 'group')) as is_public,
        bool_or(payee_may_be_person) as may_be_person
    from spend.payments
    where is_identified
    group by supplier_key
),
ranked as (
    select
        spent.*,
        row_number() over (
            partition by
                spent.body_code, spent.coverage, spent.comparison_basis, spent.financial_year
            order by spent.spend_gbp desc, spent.supplier_key
        ) as size_rank
    from spent
    where spent.supplier_key is not null and spent.spend_gbp > 0
),
supplied as (
    select
        count(*) filter (where attribute = 'vcse') > 0 as vcse,
        count(*) filter (where attribute = 'sme') > 0 as sme
    from stage.supplier_attributes
),
listed as (
    select
        ranked.*,
        totals.total_gbp,
        delivered.local_gbp,
        delivered.not_local_gbp,
        supplied.vcse as vcse_supplied,
        supplied.sme as sme_supplied,
        case
            when names.may_be_person then null
            when names.is_public then coalesce(entity.supplier_name, names.supplier_name)
            when entity.org_id is not null or entity.legal_form_basis = 'name_ending'
                or entity.ending_ownership is not null
                then coalesce(entity.supplier_name, names.supplier_name)
        end as named_as
    from ranked
    inner join ref.spend_parameters as listed_most
        on listed_most.parameter = 'top_suppliers_listed'
        and ranked.size_rank <= listed_most.parameter_value
    inner join totals
        on ranked.body_code = totals.body_code
        and ranked.coverage = totals.coverage
        and ranked.comparison_basis = totals.comparison_basis
        and ranked.financial_year = totals.financial_year
    inner join names on ranked.supplier_key = names.supplier_key
    cross join supplied
    left join delivered
        on ranked.body_code = delivered.body_code
        and ranked.coverage = delivered.coverage
        and ranked.comparison_basis = delivered.comparison_basis
        and ranked.financial_year = delivered.financial_year
        and ranked.supplier_key = delivered.supplier_key
    left join stage.supplier_entities as entity on ranked.supplier_key = entity.supplier_key
)

select
    body_code,
    coverage,
    comparison_basis as amount_basis,
    financial_year,
    size_rank,
    named_as as supplier_name,
    spend_gbp,
    total_gbp,
    case when total_gbp > 0 and spend_gbp <= total_gbp then share(spend_gbp, total_gbp) end
        as spend_share,
    -- Most of the money decides; what is known of no line is not known.
    case
        when local_reg_gbp <> 0 or not_local_reg_gbp <> 0
            then local_reg_gbp > not_local_reg_gbp
    end
        as local_reg,
    case when local_gbp <> 0 or not_local_gbp <> 0 then local_gbp > not_local_gbp end
        as local_delivery,
    case when vcse_supplied then vcse end as vcse,
    case when sme_supplied then sme end as sme,
    null_reasons([
        ['supplier_name', case when named_as is null then 'no_legal_entity' end],
        [
            'spend_share',
            case
                when total_gbp <= 0 then 'non_positive_denominator'
                when spend_gbp > total_gbp then 'negative_component'
            end
        ],
        ['vcse', case when not vcse_supplied then 'not_supplied' when vcse is null then 'no_known' end],
        ['sme', case when not sme_supplied then 'not_supplied' when sme is null then 'no_known' end]
    ]) as null_reasons
from listed
