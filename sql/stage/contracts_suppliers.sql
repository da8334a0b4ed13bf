-- Grain: one supplier of one contract.
-- Suppliers of the last notice, and of the last issue of the register where no notice names one; one
-- that both name is one. A name is that of a legal entity when a number of a register of companies or
-- charities stands with it, or a word that organisations alone bear; any other may be a person's, and
-- so is one that begins with a person's title. An identifier of the procurement platform (GB-PPON) is
-- no proof: whoever trades alone has one too.
with registered as (
    select
        known.body_code,
        known.contract_ref,
        'register' as told_by,
        register.supplier_name,
        register.company_number,
        register.charity_number,
        cast(null as varchar) as vat_number,
        cast(null as varchar) as other_id_scheme,
        cast(null as varchar) as other_id,
        register.pcds,
        cast(null as varchar) as scale,
        register.is_sme,
        register.is_vcse
    from stage.contracts_register_suppliers as register
    inner join stage.contracts_known as known
        on
            register.body_code = known.body_code
            and register.contract_ref = known.register_ref
            and register.lot_ref = known.lot_ref
    qualify
        register.register_date = max(register.register_date) over (
            partition by register.body_code, register.contract_ref, register.lot_ref
        )
),

noticed as (
    select
        known.body_code,
        known.contract_ref,
        'notice' as told_by,
        supplier.supplier_name,
        supplier.company_number,
        supplier.charity_number,
        supplier.vat_number,
        supplier.other_id_scheme,
        supplier.other_id,
        supplier.pcds,
        supplier.scale,
        supplier.is_sme,
        supplier.is_vcse
    from stage.contracts_ocds_suppliers as supplier
    inner join stage.contracts_known as known
        on
            supplier.body_code = known.body_code
            and supplier.ocid = known.ocid
            and supplier.award_id = known.award_id
),

named as (
    select
        spoken.*,
        supplier_name_key(spoken.supplier_name) as supplier_name_key,
        bool_or(spoken.told_by = 'notice') over (
            partition by spoken.body_code, spoken.contract_ref
        ) as is_noticed
    from (
        select * from registered
        union all
        select * from noticed
    ) as spoken
    where spoken.supplier_name is not null
),

together as (
    select
        named.body_code,
        named.contract_ref,
        named.supplier_name_key,
        bool_or(named.told_by = 'notice') as is_in_notice,
        bool_or(named.told_by = 'register') as is_in_register,
        first(named.supplier_name order by named.told_by, named.supplier_name) as supplier_name,
        min(named.company_number) as company_number,
        min(named.charity_number) as charity_number,
        min(named.vat_number) as vat_number,
        min(named.other_id_scheme) as other_id_scheme,
        min(named.other_id) as other_id,
        min(named.pcds) as pcds,
        min(named.scale) as scale,
        bool_or(named.is_sme) filter (where named.told_by = 'notice') as notice_sme,
        bool_or(named.is_vcse) filter (where named.told_by = 'notice') as notice_vcse,
        bool_or(named.is_sme) filter (where named.told_by = 'register') as register_sme,
        bool_or(named.is_vcse) filter (where named.told_by = 'register') as register_vcse
    from named
    group by named.body_code, named.contract_ref, named.supplier_name_key, named.is_noticed
    having bool_or(named.told_by = 'notice') or not named.is_noticed
),

worded as (
    select
        together.body_code,
        together.contract_ref,
        together.supplier_name_key,
        match_text(together.supplier_name) as supplier_text,
        count(organisation.word) as organisation_words
    from together
    left join ref.spend_organisation_words as organisation
        on text_fits(match_text(together.supplier_name), 'phrase', organisation.word)
    group by together.body_code, together.contract_ref, together.supplier_name_key, together.supplier_name
),

withheld as (
    select distinct worded.supplier_text -- a text may fit several patterns
    from worded
    inner join ref.spend_redaction_words as redaction
        on text_fits(worded.supplier_text, redaction.pattern_kind, redaction.pattern)
),

titled as (
    select distinct worded.supplier_text -- one name may have several contracts
    from worded
    inner join ref.spend_person_titles as title
        on
            split_part(worded.supplier_text, ' ', 1) = title.title
            and contains(worded.supplier_text, ' ')
)

select
    together.body_code,
    together.contract_ref,
    supplier_mention_key(
        together.supplier_name_key, together.company_number, together.charity_number, together.vat_number,
        together.pcds, together.body_code, cast(null as varchar)
    ) as mention_key,
    together.supplier_name,
    together.supplier_name_key,
    together.company_number,
    together.charity_number,
    together.vat_number,
    together.other_id_scheme,
    together.other_id,
    together.pcds,
    together.scale,
    together.notice_sme,
    together.notice_vcse,
    together.register_sme,
    together.register_vcse,
    together.is_in_notice,
    together.is_in_register,
    withheld.supplier_text is null
    and titled.supplier_text is null
    and (
        together.company_number is not null
        or together.charity_number is not null
        or (together.other_id is not null and together.other_id_scheme is distinct from 'GB-PPON')
        or worded.organisation_words > 0
    ) as is_legal_entity
from together
inner join worded
    on
        together.body_code = worded.body_code
        and together.contract_ref = worded.contract_ref
        and together.supplier_name_key = worded.supplier_name_key
left join withheld on worded.supplier_text = withheld.supplier_text
left join titled on worded.supplier_text = titled.supplier_text
