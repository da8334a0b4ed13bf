-- Grain: one supplier.
-- Who a supplier is: its identifiers, its name in a register, its legal form, and the kind of
-- organisation on which policy turns. Several mentions may be one supplier.
with named as (
    select
        match.supplier_key,
        match.org_id_scheme,
        match.org_id,
        match.match_method,
        match.reviewed_by,
        match.needs_review,
        mention.mention_key,
        mention.feed,
        mention.supplier_name,
        mention.company_number,
        mention.charity_number,
        mention.other_id_scheme,
        mention.other_id,
        payee.public_body_kind
    from stage.supplier_mentions as mention
    inner join stage.supplier_matches as match on mention.mention_key = match.mention_key
    left join stage.spend_payees as payee on mention.supplier_name = payee.payee_name
),
methods as (
    select
        supplier_key,
        min(case match_method
            when 'reviewed' then 1 when 'id' then 2 when 'vat' then 3
            when 'name_postcode' then 4 when 'name' then 5 else 6
        end) as best_method
    from named
    group by supplier_key
),
suppliers as (
    select
        supplier_key,
        min(org_id_scheme) as entity_scheme,
        min(org_id) as entity_org_id,
        min(substring(org_id, length(org_id_scheme) + 2)) as entity_identifier,
        min(mention_key) as any_mention_key,
        coalesce(
            min(supplier_name) filter (where feed = 'supplier_master'), min(supplier_name)
        ) as given_name,
        min(reviewed_by) as reviewed_by,
        bool_or(needs_review) as needs_review,
        min(public_body_kind) as public_body_kind,
        min(charity_number) as stated_charity_number
    from named
    group by supplier_key
),
-- The other identifiers of the entity, from registers and from what is named together.
charity_numbers as (
    select
        entity_scheme,
        entity_identifier,
        min(identifier) as charity_number
    from stage.supplier_identifiers
    where org_id_scheme in ('GB-CHC', 'GB-SC', 'GB-NIC')
    group by entity_scheme, entity_identifier
),
other_identifiers as (
    select
        entity_scheme,
        entity_identifier,
        min(org_id_scheme || '-' || identifier) as other_org_id
    from stage.supplier_identifiers
    where org_id_scheme not in ('GB-CHC', 'GB-SC', 'GB-NIC', 'GB-COH', 'VAT')
    group by entity_scheme, entity_identifier
),
identified as (
    select
        suppliers.*,
        case when suppliers.entity_scheme = 'GB-COH' then suppliers.entity_identifier end
            as company_number,
        coalesce(
            case
                when suppliers.entity_scheme in ('GB-CHC', 'GB-SC', 'GB-NIC')
                    then suppliers.entity_identifier
            end,
            charity_numbers.charity_number
        ) as charity_number,
        coalesce(
            case
                when suppliers.entity_scheme not in ('GB-CHC', 'GB-SC', 'GB-NIC', 'GB-COH', 'VAT')
                    then suppliers.entity_org_id
            end,
            other_identifiers.other_org_id
        ) as other_org_id
    from suppliers
    left join charity_numbers
        on suppliers.entity_scheme = charity_numbers.entity_scheme
        and suppliers.entity_identifier = charity_numbers.entity_identifier
    left join other_identifiers
        on suppliers.entity_scheme = other_identifiers.entity_scheme
        and suppliers.entity_identifier = other_identifiers.entity_identifier
),
master as (
    select
        match.supplier_key,
        min(master.legal_form) as legal_form,
        min(master.organisation_kind) as organisation_kind,
        min(master.dissolved_on) as dissolved_on,
        bool_or(master.owned_by_charity) as owned_by_charity
    from raw.spend_supplier_master as master
    inner join stage.supplier_list_rows as entry
        on entry.feed = 'supplier_master'
        and master.line_key = entry.line_key
    inner join stage.supplier_matches as match on entry.mention_key = match.mention_key
    group by match.supplier_key
),
kinds as (
    select
        named.supplier_key,
        first(word.organisation_kind order by word.policy_order) as organisation_kind
    from named
    inner join ref.supplier_policy_words as word
        on text_fits(match_text(named.supplier_name), word.pattern_kind, word.pattern)
    group by named.supplier_key
),
loaded as (
    select
        count(*) filter (where register = 'companies') > 0 as companies,
        count(*) filter (where register = 'charities') > 0 as charities
    from stage.supplier_registers
),
endings as (
    select
        named.supplier_key,
        min(ending.ending_order) as ending_order
    from named
    inner join ref.supplier_name_forms as ending
        on ends_with(' ' || match_text(named.supplier_name), ' ' || ending.ending)
    group by named.supplier_key
)

select
    identified.supplier_key,
    coalesce(
        company.registered_name, charity.registered_name, society.registered_name,
        identified.given_name
    ) as supplier_name,
    -- find-that-charity's order: charity registers, other registers, then the company.
    coalesce(
        charity_scheme(identified.charity_number) || '-' || identified.charity_number,
        identified.other_org_id,
        identified.entity_org_id
    ) as org_id,
    case
        when identified.charity_number is not null then charity_scheme(identified.charity_number)
        when identified.other_org_id is not null then org_scheme(identified.other_org_id)
        else identified.entity_scheme
    end as org_id_scheme,
    identified.company_number,
    identified.charity_number,
    case methods.best_method
        when 1 then 'reviewed' when 2 then 'id' when 3 then 'vat'
        when 4 then 'name_postcode' when 5 then 'name' else 'none'
    end as match_method,
    identified.reviewed_by,
    identified.needs_review,
    identified.any_mention_key,
    case
        when charity.legal_form is not null and company.legal_form is distinct from 'cio'
            and identified.company_number is not null and charity.legal_form <> 'cio'
            then 'charitable_company'
        when charity.legal_form is not null then charity.legal_form
        when company.legal_form is not null then company.legal_form
        when society.legal_form is not null then society.legal_form
        when master.legal_form is not null then master.legal_form
        when identified.public_body_kind is not null then 'public_body'
        when identified.charity_number is not null then 'charity'
        else ending.legal_form
    end as legal_form,
    case
        when coalesce(charity.legal_form, company.legal_form, society.legal_form) is not null
            then 'register'
        when master.legal_form is not null then 'supplier_master'
        when identified.public_body_kind is not null then 'public_body_words'
        when identified.charity_number is not null then 'charity_number'
        when ending.ending is not null then 'name_ending'
    end as legal_form_basis,
    ending.ownership as ending_ownership,
    coalesce(
        master.organisation_kind,
        kinds.organisation_kind,
        case
            when society.legal_form in ('cooperative_society', 'credit_union') then 'cooperative'
        end
    ) as organisation_kind,
    coalesce(master.owned_by_charity, false) as owned_by_charity,
    identified.public_body_kind is not null as is_public_body,
    -- Not known where that register is not loaded.
    case
        when coalesce(company.identifier, charity.identifier, society.identifier) is not null
            then true
        when identified.company_number is not null and loaded.companies then false
        when identified.charity_number is not null and loaded.charities then false
    end as in_register,
    coalesce(charity.registered_on, company.registered_on, society.registered_on) as registered_on,
    charity.registered_on as charity_registered_on,
    charity.ended_on as charity_removed_on,
    coalesce(company.ended_on, charity.ended_on, society.ended_on, master.dissolved_on)
        as dissolved_on
from identified
inner join methods on identified.supplier_key = methods.supplier_key
cross join loaded
left join stage.supplier_registers as company
    on company.org_id_scheme = 'GB-COH'
    and identified.company_number = company.identifier
left join stage.supplier_registers as charity
    on charity.register = 'charities'
    and identified.charity_number = charity.identifier
left join stage.supplier_registers as society
    on society.org_id_scheme = 'GB-MPR'
    and org_identifier(identified.other_org_id) = society.identifier
left join master on identified.supplier_key = master.supplier_key
left join kinds on identified.supplier_key = kinds.supplier_key
left join endings on identified.supplier_key = endings.supplier_key
left join ref.supplier_name_forms as ending on endings.ending_order = ending.ending_order
