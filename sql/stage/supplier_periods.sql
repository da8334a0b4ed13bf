-- Grain: one supplier and period in which nothing about it changes.
-- What is known of each supplier on each day: the strongest evidence that holds, of equally strong
-- the newest; its addresses; its group. What nothing says is null. Periods meet without a gap, the
-- first begins and the last ends with null.
with evidence as (
    select
        match.supplier_key,
        evidence.attribute,
        evidence.answer,
        evidence.evidence_kind,
        kind.evidence_order,
        evidence.valid_from,
        evidence.valid_to,
        evidence.source_ref
    from stage.supplier_evidence as evidence
    inner join stage.supplier_matches as match on evidence.mention_key = match.mention_key
    inner join ref.supplier_evidence_kinds as kind
        on evidence.attribute = kind.attribute
        and evidence.evidence_kind = kind.evidence_kind
    where kind.counts and evidence.answer is not null
),
-- The Community Suppliers List names all its members, so who is not on it is no member; unless it is
-- not settled who the supplier is.
list_supplied as (
    select count(*) > 0 as is_supplied
    from evidence
    where attribute = 'csl'
),
spans as (
    select supplier_key, valid_from, valid_to from evidence
    union all
    select supplier_key, valid_from, valid_to from stage.supplier_addresses
    union all
    select supplier_key, valid_from, valid_to from stage.supplier_group_periods
),
beginnings as (
    select entity.supplier_key, date '0001-01-01' as begins_on
    from stage.supplier_entities as entity
    union
    select supplier_key, valid_from as begins_on from spans where valid_from is not null
    union
    select supplier_key, cast(valid_to + interval 1 day as date) as begins_on
    from spans
    where valid_to is not null
),
periods as (
    select
        supplier_key,
        begins_on,
        lead(begins_on) over (partition by supplier_key order by begins_on) as next_begins_on
    from beginnings
),
-- Of what holds on the first day of a period, the strongest evidence of an attribute decides.
answers as (
    select
        periods.supplier_key,
        periods.begins_on,
        evidence.attribute,
        evidence.answer,
        evidence.evidence_kind,
        evidence.source_ref,
        row_number() over (
            partition by periods.supplier_key, periods.begins_on, evidence.attribute
            order by
                evidence.evidence_order, evidence.valid_from desc nulls last, evidence.source_ref
        ) = 1 as decides
    from periods
    inner join evidence
        on periods.supplier_key = evidence.supplier_key
        and (evidence.valid_from is null or evidence.valid_from <= periods.begins_on)
        and (evidence.valid_to is null or periods.begins_on <= evidence.valid_to)
),
decided as (
    select
        supplier_key,
        begins_on,
        bool_or(answer) filter (where decides and attribute = 'csl') as csl,
        max(evidence_kind) filter (where decides and attribute = 'csl') as csl_evidence,
        bool_or(answer) filter (where decides and attribute = 'vcse') as vcse,
        max(evidence_kind) filter (where decides and attribute = 'vcse') as vcse_evidence,
        bool_or(answer) filter (where decides and attribute = 'sme') as sme,
        max(evidence_kind) filter (where decides and attribute = 'sme') as sme_evidence,
        bool_or(answer) filter (where decides and attribute = 'rlw') as rlw,
        max(evidence_kind) filter (where decides and attribute = 'rlw') as rlw_evidence,
        bool_or(answer) filter (where decides and attribute = 'sv_principles') as sv_principles,
        max(evidence_kind) filter (where decides and attribute = 'sv_principles')
            as sv_principles_evidence,
        string_agg(distinct source_ref, '; ' order by source_ref) as evidence_refs
    from answers
    group by supplier_key, begins_on
),
addresses as (
    select
        periods.supplier_key,
        periods.begins_on,
        first(address.postcode_text order by address.valid_from desc nulls last)
            filter (where address.address_basis = 'register') as register_postcode,
        first(address.postcode_text order by address.valid_from desc nulls last)
            filter (where address.address_basis = 'supplier_master') as master_postcode
    from periods
    inner join stage.supplier_addresses as address
        on periods.supplier_key = address.supplier_key
        and (address.valid_from is null or address.valid_from <= periods.begins_on)
        and (address.valid_to is null or periods.begins_on <= address.valid_to)
    group by periods.supplier_key, periods.begins_on
),
groups as (
    select
        periods.supplier_key,
        periods.begins_on,
        first(supplier_group.group_key order by supplier_group.valid_from desc nulls last)
            as group_key,
        first(supplier_group.parent_name order by supplier_group.valid_from desc nulls last)
            as parent_name
    from periods
    inner join stage.supplier_group_periods as supplier_group
        on periods.supplier_key = supplier_group.supplier_key
        and (
            supplier_group.valid_from is null
            or supplier_group.valid_from <= periods.begins_on
        )
        and (supplier_group.valid_to is null or periods.begins_on <= supplier_group.valid_to)
    group by periods.supplier_key, periods.begins_on
)

select
    periods.supplier_key,
    case when periods.begins_on > date '0001-01-01' then periods.begins_on end as valid_from,
    cast(periods.next_begins_on - interval 1 day as date) as valid_to,
    case
        when decided.csl then true
        when list_supplied.is_supplied and not entity.needs_review then false
    end as csl,
    decided.csl_evidence,
    decided.vcse,
    decided.vcse_evidence,
    decided.sme,
    decided.sme_evidence,
    decided.rlw,
    decided.rlw_evidence,
    decided.sv_principles,
    decided.sv_principles_evidence,
    decided.evidence_refs,
    addresses.register_postcode,
    addresses.master_postcode,
    groups.group_key,
    groups.parent_name
from periods
inner join stage.supplier_entities as entity on periods.supplier_key = entity.supplier_key
cross join list_supplied
left join decided
    on periods.supplier_key = decided.supplier_key
    and periods.begins_on = decided.begins_on
left join addresses
    on periods.supplier_key = addresses.supplier_key
    and periods.begins_on = addresses.begins_on
left join groups
    on periods.supplier_key = groups.supplier_key
    and periods.begins_on = groups.begins_on
