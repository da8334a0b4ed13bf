-- Grain: one year of one basis.
select
    deflators.year_basis,
    deflators.index_year,
    cast(deflators.index_value as double) as index_value
from ref.impact_deflators as deflators
