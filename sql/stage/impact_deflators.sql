-- Grain: one year of one basis.
with financial as (
    select
        'financial' as year_basis,
        deflators.index_year,
        cast(deflators.index_value as double) as index_value
    from ref.impact_financial_deflators as deflators
),

given as (
    select
        deflators.year_basis,
        deflators.index_year,
        cast(deflators.index_value as double) as index_value
    from ref.impact_deflators as deflators
)

select
    given.year_basis,
    given.index_year,
    given.index_value
from given
union all
-- A site that gives financial years of its own gives all of them: no year of another edition is put between.
select
    financial.year_basis,
    financial.index_year,
    financial.index_value
from financial
where financial.year_basis not in (select given.year_basis from given)
