-- Which postcodes of which source are wrong, and what is the likely right one?
-- tier: spend
select
    source_name,
    postcode_text,
    likely_postcode,
    problem,
    sum(lines) as lines,
    count(distinct source_file) as files,
    min(source_file) as first_file,
    arg_min(column_name, (source_file, first_source_row, column_name)) as first_column,
    arg_min(first_source_row, (source_file, first_source_row, column_name)) as first_line
from spend.wrong_postcodes
group by source_name, postcode_text, likely_postcode, problem
order by source_name, likely_postcode is null, lines desc, postcode_text
