-- Grain: one ledger line that stands in an earlier file already.
-- The same line of the same document in two files, even if one of them words it otherwise (lines
-- that are equal to the letter are found at load). Equal lines of one file are real money: they are
-- numbered, so that two of them meet two of them.
with numbered as (
    select
        line.line_key,
        line.body_code,
        line.coverage,
        line.document_ref,
        line.document_line,
        line.posting_date,
        line.amount_gbp,
        coalesce(line.payee_ref, payee.payee_text) as payee,
        line.source_file,
        line.source_row,
        row_number() over (
            partition by
                line.body_code, line.coverage, line.document_ref, line.document_line,
                line.posting_date, line.amount_gbp, coalesce(line.payee_ref, payee.payee_text),
                line.source_file
            order by line.source_row, line.line_key
        ) as occurrence
    from stage.spend_lines as line
    left join stage.spend_payees as payee on line.payee_name = payee.payee_name
    where line.document_ref is not null and line.posting_date is not null
),
copies as (
    select
        line_key,
        first_value(line_key) over (
            partition by
                body_code, coverage, document_ref, document_line, posting_date, amount_gbp, payee,
                occurrence
            order by source_file, source_row, line_key
        ) as first_line_key
    from numbered
)

select
    line_key,
    first_line_key as duplicate_of
from copies
where line_key <> first_line_key
