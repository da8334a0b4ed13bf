-- Grain: one postcode text in one column of one file.
-- Every postcode text that a pipeline keeps, and where it stands. A pipeline whose rows keep
-- postcode texts adds its columns here, one more union, and its wrong ones are listed like the rest.
with uses as (
    select
        'spend' as pipeline,
        source_name,
        source_file,
        'supplier_postcode' as column_name,
        payee_postcode_text as postcode_text,
        source_row
    from stage.spend_lines
    union all
    select
        'spend' as pipeline,
        source_name,
        source_file,
        'site_postcode' as column_name,
        site_postcode_text as postcode_text,
        source_row
    from stage.spend_lines
    union all
    select
        'spend' as pipeline,
        source as source_name,
        _source_file as source_file,
        'postcode' as column_name,
        postcode as postcode_text,
        _source_row as source_row
    from raw.spend_supplier_master
    union all
    select
        'spend' as pipeline,
        source as source_name,
        _source_file as source_file,
        'site_postcode' as column_name,
        site_postcode as postcode_text,
        _source_row as source_row
    from raw.spend_supplier_sites
    union all
    select
        'spend' as pipeline,
        source as source_name,
        _source_file as source_file,
        'member_postcode' as column_name,
        member_postcode as postcode_text,
        _source_row as source_row
    from raw.spend_supplier_consortia
)

select
    pipeline,
    source_name,
    source_file,
    column_name,
    postcode_text,
    min(source_row) as first_source_row,
    count(*) as lines
from uses
where tidy_text(postcode_text) is not null
group by pipeline, source_name, source_file, column_name, postcode_text
