-- Grain: one supplier, source of addresses and first day of an address.
-- Where a supplier was registered and when: by the extracts of the registers (an address holds from
-- the extract that first has it), and by the supplier master. Nothing is said of days before.
with extracts as (
    select
        company_number_key(company.company_number) as company_number,
        cast(null as varchar) as charity_number,
        company.snapshot_date,
        postcode_pcds(company.postcode) as postcode_text
    from raw.spend_register_companies as company
    union all
    select
        cast(null as varchar) as company_number,
        charity_number_key(charity.charity_number) as charity_number,
        charity.snapshot_date,
        postcode_pcds(charity.postcode) as postcode_text
    from raw.spend_register_charities as charity
    where coalesce(charity.linked_charity_number, 0) = 0
),
-- The registered office of a company counts before the contact address of a charity.
registered as (
    select
        entity.supplier_key,
        extracts.snapshot_date,
        extracts.postcode_text
    from extracts
    inner join stage.supplier_entities as entity
        on extracts.company_number = entity.company_number
    union all
    select
        entity.supplier_key,
        extracts.snapshot_date,
        extracts.postcode_text
    from extracts
    inner join stage.supplier_entities as entity
        on extracts.charity_number = entity.charity_number
        and entity.company_number is null
),
changes as (
    select
        supplier_key,
        snapshot_date,
        postcode_text,
        lag(postcode_text) over (
            partition by supplier_key order by snapshot_date, postcode_text
        ) as postcode_before,
        row_number() over (
            partition by supplier_key order by snapshot_date, postcode_text
        ) as extract_rank
    from registered
),
register_addresses as (
    select
        supplier_key,
        'register' as address_basis,
        snapshot_date as valid_from,
        cast(lead(snapshot_date) over (
            partition by supplier_key order by snapshot_date, postcode_text
        ) - interval 1 day as date) as valid_to,
        postcode_text
    from changes
    where extract_rank = 1 or postcode_text is distinct from postcode_before
),
master_addresses as (
    select
        match.supplier_key,
        'supplier_master' as address_basis,
        master.valid_from,
        master.valid_to,
        master.postcode as postcode_text
    from raw.spend_supplier_master as master
    inner join stage.supplier_list_rows as entry
        on entry.feed = 'supplier_master'
        and master.line_key = entry.line_key
    inner join stage.supplier_matches as match on entry.mention_key = match.mention_key
    where tidy_text(master.postcode) is not null
    -- Of two rows for one beginning the one that stands last in the files counts.
    qualify row_number() over (
        partition by match.supplier_key, master.valid_from
        order by master._source_file desc, master._source_row desc
    ) = 1
)

select supplier_key, address_basis, valid_from, valid_to, postcode_text
from register_addresses
where valid_to is null or valid_from <= valid_to
union all
select supplier_key, address_basis, valid_from, valid_to, postcode_text
from master_addresses
