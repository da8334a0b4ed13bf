-- Grain: one wrong postcode text in one column of one file of payments.
-- For the department that sent the file: which postcodes to correct, and to what.
select
    source_name,
    source_file,
    column_name,
    postcode_text,
    likely_postcode,
    problem,
    first_source_row,
    lines
from stage.wrong_postcodes
where pipeline = 'spend'
