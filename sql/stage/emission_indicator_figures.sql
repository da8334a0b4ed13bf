-- Grain: one indicator of one financial year, of the whole or of one district or scope.
-- Emissions of the six districts (CL01a) and for each of their residents (CL01b), and the authority's own
-- (CL02). A whole is told where all districts, or scopes 1 and 2, are there: scope 3 is added as far as it is
-- stated, and figure_basis says so. A financial year stands for the calendar year in which it begins (B6).
with district as (
    select
        districts.lad_code,
        min(districts.lad_name) as lad_name
    from geo.district as districts
    where districts.in_area and districts.is_current
    group by districts.lad_code
),

district_count as (
    select count(*) as districts
    from district
),

territory as (
    select
        entries.financial_year,
        district.lad_code,
        district.lad_name,
        entries.entry_value as kilotonnes,
        entries.entry_base as thousand_residents
    from stage.register_entries as entries
    inner join district on entries.entry_ref = district.lad_code
    where entries.register = 'territorial_emissions'
),

area as (
    select
        territory.financial_year,
        if(grouping(territory.lad_code) = 1, 'all', 'district') as breakdown,
        coalesce(territory.lad_code, 'all') as breakdown_value,
        if(grouping(territory.lad_code) = 1, 'All', min(territory.lad_name)) as breakdown_label,
        sum(territory.kilotonnes) as kilotonnes,
        sum(territory.thousand_residents) as thousand_residents,
        grouping(territory.lad_code) = 0 or count(*) = max(district_count.districts) as is_whole
    from territory
    cross join district_count
    group by grouping sets ((territory.financial_year, territory.lad_code), (territory.financial_year))
),

scoped as (
    select
        entries.financial_year,
        substr(entries.entry_ref, 2, 1) as scope,
        entries.entry_value as tonnes
    from stage.register_entries as entries
    where entries.register = 'own_emissions'
),

own as (
    select
        scoped.financial_year,
        if(grouping(scoped.scope) = 1, 'all', 'scope') as breakdown,
        coalesce(scoped.scope, 'all') as breakdown_value,
        if(grouping(scoped.scope) = 1, 'All', 'Scope ' || scoped.scope) as breakdown_label,
        sum(scoped.tonnes) as tonnes,
        grouping(scoped.scope) = 0 or (bool_or(scoped.scope = '1') and bool_or(scoped.scope = '2')) as is_whole,
        case
            when grouping(scoped.scope) = 0 then null
            when bool_or(scoped.scope = '3') then 'scopes 1, 2 and stated scope 3'
            else 'scopes 1 and 2'
        end as figure_basis
    from scoped
    group by grouping sets ((scoped.financial_year, scoped.scope), (scoped.financial_year))
),

figure as (
    select
        'CL01a' as indicator_id,
        area.financial_year,
        area.breakdown,
        area.breakdown_value,
        area.breakdown_label,
        'calendar_year' as figure_basis,
        area.is_whole,
        cast(area.kilotonnes as double) as measured_value,
        cast(null as double) as denominator
    from area
    union all
    select
        'CL01b' as indicator_id,
        area.financial_year,
        area.breakdown,
        area.breakdown_value,
        area.breakdown_label,
        'calendar_year' as figure_basis,
        area.is_whole,
        round(share(area.kilotonnes, area.thousand_residents), 4) as measured_value,
        cast(area.thousand_residents as double) as denominator
    from area
    union all
    select
        'CL02' as indicator_id,
        own.financial_year,
        own.breakdown,
        own.breakdown_value,
        own.breakdown_label,
        own.figure_basis,
        own.is_whole,
        cast(own.tonnes as double) as measured_value,
        cast(null as double) as denominator
    from own
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.figure_basis,
    if(figure.is_whole, figure.measured_value, null) as measured_value,
    cast(null as double) as numerator,
    if(figure.is_whole, figure.denominator, null) as denominator,
    if(figure.is_whole, null, 'part_missing') as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
