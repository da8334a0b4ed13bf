-- Grain: one piece of evidence for one attribute of a supplier.
-- What the supplier lists and the registers say of suppliers. A blank answer says nothing and makes
-- no row; a declaration holds until the next one made the same way, unless it ends before.
with limits as (
    select
        max(parameter_value) filter (where parameter = 'sme_staff_below') as staff_below,
        max(parameter_value) filter (where parameter = 'sme_turnover_most_gbp') as turnover_most,
        max(parameter_value) filter (where parameter = 'sme_balance_most_gbp') as balance_most
    from ref.spend_parameters
),
memberships as (
    select
        entry.mention_key,
        entry.source_ref,
        member.joined_on,
        member.left_on
    from raw.spend_community_suppliers as member
    inner join stage.supplier_list_rows as entry
        on entry.feed = 'community_suppliers'
        and member.line_key = entry.line_key
),
accreditations as (
    select
        entry.mention_key,
        entry.source_ref,
        accreditation.accredited_from,
        accreditation.accredited_to
    from raw.spend_living_wage_accreditations as accreditation
    inner join stage.supplier_list_rows as entry
        on entry.feed = 'living_wage_accreditations'
        and accreditation.line_key = entry.line_key
),
declarations as (
    select
        entry.mention_key,
        entry.source_ref || coalesce(' ' || declaration.evidence_ref, '') as source_ref,
        match.supplier_key,
        declaration.declared_via,
        declaration.scale,
        declaration.figures_of,
        declaration.staff,
        declaration.turnover_gbp,
        declaration.balance_sheet_gbp,
        declaration.vcse,
        declaration.social_enterprise_mark,
        declaration.casc,
        declaration.real_living_wage,
        declaration.lowest_hourly_pay_gbp,
        coalesce(declaration.paid_in_london, false) as paid_in_london,
        declaration.social_value_policy,
        declaration.social_value_scheme,
        declaration.declared_on,
        least(
            declaration.valid_to,
            cast(lead(declaration.declared_on) over (
                partition by match.supplier_key, declaration.declared_via
                order by declaration.declared_on, entry.line_key
            ) - interval 1 day as date)
        ) as valid_to
    from raw.spend_supplier_declarations as declaration
    inner join stage.supplier_list_rows as entry
        on entry.feed = 'supplier_declarations'
        and declaration.line_key = entry.line_key
    inner join stage.supplier_matches as match on entry.mention_key = match.mention_key
),
grouped as (
    select distinct supplier_key -- in a group at any time
    from stage.supplier_group_periods
),
-- The rate a Real Living Wage employer must pay on a day is the newest that must be paid by then.
wage_periods as (
    select
        must_be_paid_from as valid_from,
        cast(lead(must_be_paid_from) over (order by must_be_paid_from) - interval 1 day as date)
            as valid_to,
        rate_uk_gbp,
        rate_london_gbp
    from ref.real_living_wage_rates
),
evidence as (
    select
        mention_key, 'csl' as attribute, true as answer,
        'community_suppliers_list' as evidence_kind, joined_on as valid_from,
        left_on as valid_to, source_ref
    from memberships
    union all
    select
        mention_key, 'vcse', true, 'community_suppliers_list', joined_on, left_on, source_ref
    from memberships
    union all
    select
        mention_key, 'rlw', true, 'accreditation', accredited_from, accredited_to, source_ref
    from accreditations
    union all
    select
        mention_key, 'rlw', false, 'accreditation_ended',
        cast(accredited_to + interval 1 day as date), null, source_ref
    from accreditations
    where accredited_to is not null
    union all
    select
        mention_key, 'rlw', real_living_wage, 'supplier_declaration', declared_on, valid_to,
        source_ref
    from declarations
    where real_living_wage is not null
    union all
    select
        declarations.mention_key,
        'rlw',
        declarations.lowest_hourly_pay_gbp >= case
            when declarations.paid_in_london then wage_periods.rate_london_gbp
            else wage_periods.rate_uk_gbp
        end,
        'declared_pay',
        greatest(declarations.declared_on, wage_periods.valid_from),
        least(declarations.valid_to, wage_periods.valid_to),
        declarations.source_ref
    from declarations
    inner join wage_periods
        on (declarations.valid_to is null or wage_periods.valid_from <= declarations.valid_to)
        and (wage_periods.valid_to is null or declarations.declared_on <= wage_periods.valid_to)
    where declarations.lowest_hourly_pay_gbp is not null
    union all
    select
        mention_key,
        'vcse',
        vcse,
        case declared_via
            when 'platform' then 'platform_declaration' else 'supplier_declaration'
        end,
        declared_on, valid_to, source_ref
    from declarations
    where vcse is not null
    union all
    select
        mention_key, 'vcse', true, 'social_enterprise_mark', declared_on, valid_to, source_ref
    from declarations
    where social_enterprise_mark
    union all
    select mention_key, 'vcse', true, 'casc', declared_on, valid_to, source_ref
    from declarations
    where casc
    union all
    -- small: says that it is one. large and nothing: its size is not known.
    select
        mention_key,
        'sme',
        true,
        case declared_via
            when 'platform' then 'platform_declaration' else 'supplier_declaration'
        end,
        declared_on, valid_to, source_ref
    from declarations
    where scale in ('micro', 'small', 'medium', 'sme', 'selfEmployed')
    union all
    -- Own figures of a member of a group can show that it is too large, not that it is small.
    select
        declarations.mention_key,
        'sme',
        is_sme(
            declarations.staff, declarations.turnover_gbp, declarations.balance_sheet_gbp,
            limits.staff_below, limits.turnover_most, limits.balance_most
        ) as answer,
        'declared_figures',
        declarations.declared_on,
        declarations.valid_to,
        declarations.source_ref
    from declarations
    cross join limits
    left join grouped on declarations.supplier_key = grouped.supplier_key
    where
        is_sme(
            declarations.staff, declarations.turnover_gbp, declarations.balance_sheet_gbp,
            limits.staff_below, limits.turnover_most, limits.balance_most
        ) is not null
        and (
            declarations.figures_of is not distinct from 'group'
            or grouped.supplier_key is null
            or declarations.staff >= limits.staff_below
        )
    union all
    select
        supplier_group.mention_key,
        'sme',
        is_sme(
            supplier_group.group_staff, supplier_group.group_turnover_gbp,
            supplier_group.group_balance_sheet_gbp,
            limits.staff_below, limits.turnover_most, limits.balance_most
        ),
        'group_figures',
        supplier_group.valid_from,
        supplier_group.valid_to,
        supplier_group.source_ref
    from stage.supplier_group_periods as supplier_group
    cross join limits
    where
        is_sme(
            supplier_group.group_staff, supplier_group.group_turnover_gbp,
            supplier_group.group_balance_sheet_gbp,
            limits.staff_below, limits.turnover_most, limits.balance_most
        ) is not null
    union all
    select
        mention_key, 'sv_principles', social_value_policy, 'declared_policy', declared_on,
        valid_to, source_ref
    from declarations
    where social_value_policy is not null
    union all
    select
        declarations.mention_key,
        'sv_principles',
        true,
        'recognised_scheme',
        greatest(declarations.declared_on, scheme.valid_from),
        least(declarations.valid_to, scheme.valid_to),
        declarations.source_ref
    from declarations
    inner join ref.supplier_schemes as scheme on declarations.social_value_scheme = scheme.scheme
    union all
    -- Owned by a charity: by the group, or by the supplier master.
    select
        supplier_group.mention_key, 'vcse', policy.vcse_answer, 'charity_owned',
        supplier_group.valid_from, supplier_group.valid_to, supplier_group.source_ref
    from stage.supplier_group_periods as supplier_group
    inner join ref.supplier_policies as policy
        on policy.organisation_kind = 'charity_owned'
        and policy.vcse_answer is not null
    where supplier_group.parent_is_charity
    union all
    select
        entity.any_mention_key, 'vcse', policy.vcse_answer, 'charity_owned', null, null,
        'supplier master'
    from stage.supplier_entities as entity
    inner join ref.supplier_policies as policy
        on policy.organisation_kind = 'charity_owned'
        and policy.vcse_answer is not null
    where entity.owned_by_charity or entity.organisation_kind = 'charity_owned'
    union all
    select
        entity.any_mention_key, 'vcse', policy.vcse_answer, 'policy', null, null,
        'policy ' || entity.organisation_kind
    from stage.supplier_entities as entity
    inner join ref.supplier_policies as policy
        on entity.organisation_kind = policy.organisation_kind
        and policy.vcse_answer is not null
    where entity.organisation_kind <> 'charity_owned'
    union all
    select
        entity.any_mention_key, 'vcse', true, 'charity_number', entity.charity_registered_on,
        entity.charity_removed_on, 'charity ' || entity.charity_number
    from stage.supplier_entities as entity
    where entity.charity_number is not null
    union all
    -- What the legal form shows, where a register or the master says it.
    select
        entity.any_mention_key,
        'vcse',
        form.vcse_kind not in (
            'public_body', 'public_limited_company', 'commercial_partnership', 'company_by_shares'
        ),
        form.vcse_kind,
        entity.registered_on,
        null,
        entity.legal_form_basis || ' ' || coalesce(entity.org_id, '')
    from stage.supplier_entities as entity
    inner join ref.supplier_legal_forms as form on entity.legal_form = form.legal_form
    where
        form.vcse_kind is not null
        and form.vcse_kind <> 'charity_number'
        and entity.legal_form_basis <> 'name_ending'
    union all
    select
        entity.any_mention_key, 'vcse', true, 'name_ending', null, null,
        'ending of the name, ' || entity.legal_form
    from stage.supplier_entities as entity
    where
        entity.legal_form_basis = 'name_ending'
        and entity.legal_form in ('cic', 'cio', 'community_benefit_society')
)

select distinct -- a list may say the same twice
    mention_key,
    attribute,
    answer,
    evidence_kind,
    valid_from,
    valid_to,
    source_ref
from evidence
where valid_to is null or valid_from is null or valid_from <= valid_to
