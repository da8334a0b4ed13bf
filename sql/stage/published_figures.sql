-- Grain: one figure of one publication.
select
    figures.indicator_id,
    figures.financial_year,
    figures.breakdown,
    figures.breakdown_value,
    cast(figures.published_value as double) as published_value,
    -- Half of the last digit that was printed.
    0.5 / power(
        10,
        length(rtrim(split_part(cast(figures.published_value as varchar), '.', 2), '0'))
    ) as rounding,
    figures.unit,
    figures.published_in,
    figures.page,
    figures.published_date,
    figures.definition_difference
from raw.registers_published_figures as figures
