-- Grain: one supplier of one award, as the last notice says.
-- Identifiers that Contracts Finder gave (GB-CFS) tell nothing: they are not stable. scale = large is
-- the platform's default for whoever did not say that it is small, so it says nothing of the size.
-- What the tender was thought suitable for says nothing of its supplier.
with latest as (
    select
        notice.body_code,
        notice.ocid,
        notice.award_id,
        supplier.party_id
    from stage.contracts_ocds_contracts as notice
    cross join unnest(notice.supplier_ids) as supplier(party_id)
    where notice.is_latest
),

parties as (
    select
        compiled.body_code,
        compiled.ocid,
        json_extract_string(listed.party, '$.id') as party_id,
        json_extract_string(listed.party, '$.name') as supplier_name,
        json_extract_string(listed.party, '$.identifier.scheme') as main_scheme,
        json_extract_string(listed.party, '$.identifier.id') as main_id,
        json_extract(listed.party, '$.additionalIdentifiers') as others,
        json_extract_string(listed.party, '$.address.postalCode') as postcode,
        json_extract_string(listed.party, '$.details.scale') as scale,
        json_extract_string(listed.party, '$.details.vcse') as vcse
    from stage.contracts_ocds_states as compiled
    cross join unnest(json_extract(compiled.compiled, '$.parties[*]')) as listed(party)
    where compiled.is_latest
),

identifiers as (
    select
        parties.body_code,
        parties.ocid,
        parties.party_id,
        parties.main_scheme as scheme,
        parties.main_id as identifier
    from parties
    where parties.main_id is not null
    union all
    select
        parties.body_code,
        parties.ocid,
        parties.party_id,
        json_extract_string(other.entry, '$.scheme') as scheme,
        json_extract_string(other.entry, '$.id') as identifier
    from parties
    cross join unnest(json_extract(parties.others, '$[*]')) as other(entry)
    union all
    -- The id of the party itself is often its identifier.
    select
        parties.body_code,
        parties.ocid,
        parties.party_id,
        'GB-PPON' as scheme,
        parties.party_id as identifier
    from parties
    where ppon_key(parties.party_id) is not null
),

known as (
    select
        identifiers.body_code,
        identifiers.ocid,
        identifiers.party_id,
        min(case when identifiers.scheme = 'GB-COH' then company_number_key(identifiers.identifier) end)
            as company_number,
        min(
            case
                when identifiers.scheme in ('GB-CHC', 'GB-SC', 'GB-NIC')
                    then charity_number_key(identifiers.identifier)
            end
        ) as charity_number,
        min(case when identifiers.scheme = 'VAT' then vat_number_key(identifiers.identifier) end)
            as vat_number,
        min(ppon_key(identifiers.identifier)) as ppon,
        min(
            case
                when identifiers.scheme in ('GB-MPR', 'GB-NHS', 'GB-UKPRN', 'GG-RCE', 'JE-FSC', 'IM-CR')
                    then identifiers.scheme || '|' || upper(trim(identifiers.identifier))
            end
        ) as other
    from identifiers
    group by identifiers.body_code, identifiers.ocid, identifiers.party_id
)

select
    latest.body_code,
    latest.ocid,
    latest.award_id,
    latest.party_id,
    tidy_text(parties.supplier_name) as supplier_name,
    known.company_number,
    known.charity_number,
    known.vat_number,
    case
        when known.ppon is not null then 'GB-PPON'
        when known.other is not null then split_part(known.other, '|', 1)
    end as other_id_scheme,
    coalesce(known.ppon, split_part(known.other, '|', 2)) as other_id,
    postcode_pcds(parties.postcode) as pcds,
    parties.scale,
    case when parties.scale in ('micro', 'small', 'medium', 'sme') then true end as is_sme,
    case parties.vcse when 'true' then true when 'false' then false end as is_vcse
from latest
left join parties
    on
        latest.body_code = parties.body_code
        and latest.ocid = parties.ocid
        and latest.party_id = parties.party_id
left join known
    on
        latest.body_code = known.body_code
        and latest.ocid = known.ocid
        and latest.party_id = known.party_id
