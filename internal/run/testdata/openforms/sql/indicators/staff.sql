-- Grain: one grade and sex in one year.
select
    '2023-24' as financial_year,
    figures.sex,
    figures.grade,
    figures.employees
from stage.people_by_sex as figures
