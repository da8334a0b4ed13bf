-- Grain: one LSOA of one edition in one financial year; where residents cannot be placed, one district.
-- Residents who could have a pass: from the newest mid-year estimate before the last day of the year, or
-- where there is none the oldest after it. Estimates of LSOAs of 2011 are moved to those of 2021 by the
-- look-up where no estimate of 2021 is at hand; a divided area is divided by residents, to whole people
-- by the largest remainder. Where no residents are at hand to divide by, they stay without an LSOA.
with estimates as (
    select
        population.lsoa_code,
        population.lsoa_vintage,
        population.population_year,
        population.population_60_plus,
        population.population_pension_age
    from stage.lsoa_population as population
    where population.basis = 'mid_year' and population.population_60_plus is not null
),

choices as (
    select
        years.financial_year,
        estimates.lsoa_vintage,
        coalesce(
            max(estimates.population_year) filter (
                where make_date(cast(estimates.population_year as integer), 6, 30) <= years.last_day
            ),
            min(estimates.population_year)
        ) as population_year
    from stage.travel_years as years
    cross join estimates
    group by years.financial_year, estimates.lsoa_vintage
),

own as (
    select
        choices.financial_year,
        choices.lsoa_vintage,
        estimates.lsoa_code,
        choices.population_year,
        estimates.population_60_plus,
        estimates.population_pension_age
    from choices
    inner join estimates
        on
            choices.lsoa_vintage = estimates.lsoa_vintage
            and choices.population_year = estimates.population_year
),

-- Counts of one area of 2011 over its areas of 2021, measure by measure.
divided as (
    select
        own.financial_year,
        own.population_year,
        changes.lsoa11_code,
        changes.lsoa21_code,
        sizes.measure,
        sizes.people,
        sizes.people * changes.weight_2011_to_2021 as part
    from own
    inner join geo.lsoa_change as changes
        on own.lsoa_code = changes.lsoa11_code
    cross join lateral (
        select unnest([
            {'measure': 'sixty_plus', 'people': own.population_60_plus},
            {'measure': 'pension_age', 'people': own.population_pension_age}
        ]) as item
    ) as listed
    cross join lateral (
        select listed.item.measure as measure, listed.item.people as people
    ) as sizes
    where own.lsoa_vintage = '2011' and changes.weight_2011_to_2021 is not null
),

rounded as (
    select
        divided.financial_year,
        divided.population_year,
        divided.lsoa21_code,
        divided.measure,
        cast(floor(divided.part) as bigint)
        + case
            when
                row_number() over (
                    partition by divided.financial_year, divided.measure, divided.lsoa11_code
                    order by divided.part - floor(divided.part) desc, divided.lsoa21_code
                )
                <= divided.people - sum(cast(floor(divided.part) as bigint)) over (
                    partition by divided.financial_year, divided.measure, divided.lsoa11_code
                )
                then 1
            else 0
        end as people
    from divided
),

moved as (
    select
        rounded.financial_year,
        rounded.lsoa21_code,
        max(rounded.population_year) as population_year,
        sum(rounded.people) filter (where rounded.measure = 'sixty_plus') as population_60_plus,
        sum(rounded.people) filter (where rounded.measure = 'pension_age')
            as population_pension_age
    from rounded
    where
        rounded.financial_year not in (
            select own.financial_year from own where own.lsoa_vintage = '2021'
        )
    group by rounded.financial_year, rounded.lsoa21_code
),

without_weight as (
    select changes.lsoa11_code
    from geo.lsoa_change as changes
    where changes.weight_2011_to_2021 is null
    group by changes.lsoa11_code
),

-- Of these the edition of 2019 knows the district.
not_moved as (
    select
        own.financial_year,
        max(own.population_year) as population_year,
        lsoa.lad_code,
        lsoa.pass_authority,
        sum(own.population_60_plus) as population_60_plus,
        sum(own.population_pension_age) as population_pension_age
    from own
    inner join without_weight
        on own.lsoa_code = without_weight.lsoa11_code
    inner join geo.lsoa as lsoa
        on own.lsoa_code = lsoa.lsoa_code and lsoa.vintage = '2011' and lsoa.in_area
    where
        own.lsoa_vintage = '2011'
        and own.financial_year not in (
            select others.financial_year from own as others where others.lsoa_vintage = '2021'
        )
    group by own.financial_year, lsoa.lad_code, lsoa.pass_authority
),

every_area as (
    select
        own.financial_year,
        own.lsoa_vintage,
        own.lsoa_code,
        own.population_year,
        'same_areas' as eligible_basis,
        own.population_60_plus,
        own.population_pension_age
    from own
    union all
    select
        moved.financial_year,
        '2021' as lsoa_vintage,
        moved.lsoa21_code as lsoa_code,
        moved.population_year,
        'moved_from_2011' as eligible_basis,
        moved.population_60_plus,
        moved.population_pension_age
    from moved
)

select
    every_area.financial_year,
    lsoa.iod_edition,
    every_area.lsoa_code,
    every_area.population_year,
    every_area.eligible_basis,
    cast(every_area.population_pension_age as bigint) as residents_pension_age,
    cast(every_area.population_60_plus as bigint) as residents_60_plus,
    -- Halton has no pass from sixty: its residents are in neither side of that measure.
    lsoa.pass_authority = 'merseytravel' as has_pass_from_60,
    lsoa.pass_authority,
    lsoa.lad_code,
    lsoa.ward_code,
    lsoa.imd_decile
from every_area
inner join geo.lsoa as lsoa
    on
        every_area.lsoa_code = lsoa.lsoa_code
        and every_area.lsoa_vintage = lsoa.vintage
where lsoa.in_area
union all
select
    not_moved.financial_year,
    edition.iod_edition,
    cast(null as varchar) as lsoa_code,
    not_moved.population_year,
    'not_moved' as eligible_basis,
    cast(not_moved.population_pension_age as bigint) as residents_pension_age,
    cast(not_moved.population_60_plus as bigint) as residents_60_plus,
    not_moved.pass_authority = 'merseytravel' as has_pass_from_60,
    not_moved.pass_authority,
    not_moved.lad_code,
    cast(null as varchar) as ward_code,
    cast(null as integer) as imd_decile
from not_moved
inner join ref.iod_edition as edition
    on edition.lsoa_vintage = '2021'
