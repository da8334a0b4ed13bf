-- Grain: one ledger line.
-- Who was paid: whether the payee is withheld (every payee of a payment to an individual is) or an
-- aggregate, and the key under which its lines are added up. The key is the company number, else
-- the payer's own supplier number, else name and postcode, else the name; a line without an
-- identified payee is a supplier of its own. What names the payee is a mention, which
-- stage.supplier_matches matches to a legal entity.
-- A mistyped postcode is repaired where the directory holds the one repair.
with repaired as (
    select
        text.postcode_text,
        place.pcds
    from (
        select distinct payee_postcode_text as postcode_text -- each text once
        from stage.spend_lines
        where payee_postcode_text is not null and postcode_pcds(payee_postcode_text) is null
    ) as text
    inner join geo.postcode as place on postcode_repair(text.postcode_text) = place.pcds
),
lines as (
    select
        line.line_key,
        line.body_code,
        line.payee_name,
        line.payee_ref,
        line.payee_company_number,
        charity_number_key(line.payee_charity_number) as charity_number,
        vat_number_key(line.payee_vat_number) as vat_number,
        payee.payee_name_key,
        coalesce(postcode_pcds(line.payee_postcode_text), repaired.pcds) as pcds,
        case
            when line.redaction_given is not null then coalesce(payee.redaction, 'unspecified')
            when payee.redaction is not null then payee.redaction
            when flow.flow_class = 'individual' then 'individual'
            when
                line.payee_name is null
                and line.payee_ref is null
                and line.payee_company_number is null
                then 'not_stated'
        end as redaction,
        coalesce(payee.aggregate_row, false) as aggregate_row,
        payee.public_body_kind,
        payee.payee_body_code,
        coalesce(payee.may_be_person, false)
        and line.payee_company_number is null
        and line.payee_charity_number is null
        and line.payee_vat_number is null
        and line.contract_ref is null as payee_may_be_person
    from stage.spend_lines as line
    inner join stage.spend_flows as flow on line.line_key = flow.line_key
    left join stage.spend_payees as payee on line.payee_name = payee.payee_name
    left join repaired on line.payee_postcode_text = repaired.postcode_text
),
-- A ledger often knows the company number of a supplier on some of its lines only. It is told of the
-- others of the same ledger number and name, or of the ledger number where it has one name only: some
-- are shared by all who are paid but once. The number of a withheld payee says nothing of anybody else.
company_of_name as (
    select
        body_code,
        payee_ref,
        payee_name_key,
        min(payee_company_number) as company_number
    from lines
    where payee_ref is not null and payee_name_key is not null and redaction is null
    group by body_code, payee_ref, payee_name_key
    having count(distinct payee_company_number) = 1
),
company_of_ref as (
    select
        body_code,
        payee_ref,
        min(payee_company_number) as company_number
    from lines
    where payee_ref is not null and redaction is null
    group by body_code, payee_ref
    having count(distinct payee_company_number) = 1 and count(distinct payee_name_key) <= 1
),
identified as (
    select
        lines.line_key,
        lines.body_code,
        lines.payee_name,
        lines.payee_ref,
        lines.payee_name_key,
        lines.charity_number,
        lines.vat_number,
        lines.pcds,
        lines.redaction,
        lines.aggregate_row,
        lines.public_body_kind,
        lines.payee_body_code,
        lines.payee_may_be_person,
        lines.redaction is null and not lines.aggregate_row as is_identified,
        coalesce(
            lines.payee_company_number,
            company_of_name.company_number,
            company_of_ref.company_number
        ) as company_number
    from lines
    left join company_of_name
        on lines.body_code = company_of_name.body_code
        and lines.payee_ref = company_of_name.payee_ref
        and lines.payee_name_key = company_of_name.payee_name_key
    left join company_of_ref
        on lines.body_code = company_of_ref.body_code
        and lines.payee_ref = company_of_ref.payee_ref
),
keyed as (
    select
        line_key,
        body_code,
        payee_name,
        payee_ref,
        payee_name_key,
        charity_number,
        vat_number,
        pcds,
        redaction,
        aggregate_row,
        public_body_kind,
        payee_body_code,
        is_identified and company_number is null and payee_may_be_person as payee_may_be_person,
        is_identified,
        company_number,
        case
            when not is_identified then 'line'
            when company_number is not null then 'company_number'
            when payee_ref is not null then 'supplier_ref'
            when payee_name_key is null then 'line'
            when pcds is not null then 'name_postcode'
            else 'name'
        end as supplier_key_basis
    from identified
)

select
    line_key,
    cast(md5(case supplier_key_basis
        when 'company_number' then 'GB-COH|' || company_number
        when 'supplier_ref' then 'ref|' || body_code || '|' || payee_ref
        when 'name_postcode' then 'name|' || payee_name_key || '|' || pcds
        when 'name' then 'name|' || payee_name_key
        else 'line|' || cast(line_key as varchar)
    end) as uuid) as supplier_key,
    supplier_key_basis,
    is_identified,
    redaction,
    aggregate_row,
    case when is_identified then company_number end as company_number,
    case
        when public_body_kind = 'group' then 'group'
        when public_body_kind is not null then 'public'
        when is_identified then 'other'
    end as supplier_sector,
    public_body_kind,
    payee_body_code,
    payee_may_be_person,
    -- What may be the name of a person is never compared with registers or shown in a queue.
    case
        when is_identified and not payee_may_be_person
            then supplier_mention_key(
                payee_name_key, company_number, charity_number, vat_number, pcds, body_code,
                payee_ref
            )
    end as mention_key,
    case when is_identified then payee_name end as supplier_name,
    case when is_identified then payee_name_key end as supplier_name_key,
    case when is_identified then charity_number end as charity_number,
    case when is_identified then vat_number end as vat_number,
    case when is_identified then pcds end as pcds,
    case when is_identified then payee_ref end as supplier_ref,
    case when is_identified then body_code end as body_code
from keyed
