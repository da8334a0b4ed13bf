-- Grain: one identifier that stands for the same legal entity as a stronger one.
-- Numbers that belong together, because a register, a list or a ledger line names them together: the
-- company number stands before the charity number, any other identifier and the VAT number. An
-- identifier named with several stronger ones is left alone.
with named as (
    select distinct -- a way of naming may stand in several feeds
        mention_key,
        company_number,
        charity_number,
        other_id_scheme,
        other_id,
        vat_number
    from stage.supplier_mentions
    where is_identified
),
identifiers as (
    select mention_key, 1 as strength, 'GB-COH' as org_id_scheme, company_number as identifier
    from named
    where company_number is not null
    union all
    select mention_key, 2 as strength, charity_scheme(charity_number), charity_number
    from named
    where charity_number is not null
    union all
    select mention_key, 3 as strength, other_id_scheme, other_id
    from named
    where other_id is not null
    union all
    select mention_key, 4 as strength, 'VAT', vat_number
    from named
    where vat_number is not null
),
pairs as (
    select
        weaker.org_id_scheme,
        weaker.identifier,
        stronger.strength,
        stronger.org_id_scheme as stronger_scheme,
        stronger.identifier as stronger_identifier
    from identifiers as weaker
    inner join identifiers as stronger
        on weaker.mention_key = stronger.mention_key
        and weaker.strength > stronger.strength
    union all
    select
        org_id_scheme,
        identifier,
        1 as strength,
        'GB-COH' as stronger_scheme,
        company_number as stronger_identifier
    from stage.supplier_registers
    where register = 'charities' and company_number is not null
),
strongest as (
    select
        org_id_scheme,
        identifier,
        min(strength) as strength
    from pairs
    group by org_id_scheme, identifier
),
resolved as (
    select
        pairs.org_id_scheme,
        pairs.identifier,
        min(pairs.stronger_scheme) as stronger_scheme,
        min(pairs.stronger_identifier) as stronger_identifier
    from pairs
    inner join strongest
        on pairs.org_id_scheme = strongest.org_id_scheme
        and pairs.identifier = strongest.identifier
        and pairs.strength = strongest.strength
    group by pairs.org_id_scheme, pairs.identifier
    having count(distinct pairs.stronger_identifier) = 1
)

select
    resolved.org_id_scheme,
    resolved.identifier,
    coalesce(onward.stronger_scheme, resolved.stronger_scheme) as entity_scheme,
    coalesce(onward.stronger_identifier, resolved.stronger_identifier) as entity_identifier
from resolved
left join resolved as onward
    on resolved.stronger_scheme = onward.org_id_scheme
    and resolved.stronger_identifier = onward.identifier
