-- grain: one pair of an LSOA of 2011 and an LSOA of 2021
-- Weights move counts between the vintages: U and the whole side of a change weigh 1; the side that
-- is divided is divided by residents; X is refused. Ranks, scores and deciles are never moved.
with residents_2021 as (
    select
        lsoa_population.lsoa_code,
        lsoa_population.population,
        lsoa_population.basis,
        lsoa_population.population_year,
        -- The census fixes the new areas; without it the newest estimate stands in.
        row_number() over (
            partition by lsoa_population.lsoa_code
            order by lsoa_population.basis, lsoa_population.population_year desc
        ) as choice
    from stage.lsoa_population as lsoa_population
    where lsoa_population.lsoa_vintage = '2021'
),

residents_2011 as (
    select
        lsoa_population_latest.lsoa_code,
        lsoa_population_latest.population,
        lsoa_population_latest.population_year
    from stage.lsoa_population_latest as lsoa_population_latest
    where lsoa_population_latest.lsoa_vintage = '2011'
),

pairs as (
    select
        lsoa_pair.lsoa11_code,
        lsoa_pair.lsoa21_code,
        lsoa_pair.change_code,
        lsoa_pair.lad_code,
        district.in_area,
        residents_2021.population as residents_2021,
        residents_2021.basis as basis_2021,
        residents_2021.population_year as year_2021,
        residents_2011.population as residents_2011,
        residents_2011.population_year as year_2011
    from stage.lsoa_pair as lsoa_pair
    left join residents_2021
        on lsoa_pair.lsoa21_code = residents_2021.lsoa_code and residents_2021.choice = 1
    left join residents_2011
        on lsoa_pair.lsoa11_code = residents_2011.lsoa_code
    left join stage.district as district
        on lsoa_pair.lad_code = district.lad_code
),

divided as (
    select
        pairs.lsoa11_code,
        pairs.lsoa21_code,
        pairs.change_code,
        pairs.lad_code,
        pairs.in_area,
        pairs.residents_2011,
        pairs.residents_2021,
        pairs.basis_2021,
        pairs.year_2021,
        pairs.year_2011,
        -- A share is known only when every area it is a share of is counted.
        case
            when count(pairs.residents_2021) over parent = count(*) over parent
                then share(pairs.residents_2021, sum(pairs.residents_2021) over parent)
        end as share_of_2011_area,
        case
            when count(pairs.residents_2011) over child = count(*) over child
                then share(pairs.residents_2011, sum(pairs.residents_2011) over child)
        end as share_of_2021_area
    from pairs
    window
        parent as (partition by pairs.lsoa11_code),
        child as (partition by pairs.lsoa21_code)
)

select
    divided.lsoa11_code,
    divided.lsoa21_code,
    divided.change_code,
    divided.lad_code,
    coalesce(divided.in_area, false) as in_area,
    case
        when divided.change_code in ('U', 'M') then 1.0
        when divided.change_code = 'S' then divided.share_of_2011_area
    end as weight_2011_to_2021,
    case
        when divided.change_code in ('U', 'S') then 1.0
        when divided.change_code = 'M' then divided.share_of_2021_area
    end as weight_2021_to_2011,
    case
        when divided.change_code = 'S' and divided.share_of_2011_area is not null
            then concat(divided.basis_2021, ' ', divided.year_2021)
        when divided.change_code = 'M' and divided.share_of_2021_area is not null
            then concat('mid_year ', divided.year_2011)
    end as weight_basis,
    divided.residents_2011,
    divided.residents_2021,
    null_reasons([
        [
            'weight_2011_to_2021',
            case
                when divided.change_code = 'X' then 'irregular_change'
                when divided.change_code = 'S' and divided.share_of_2011_area is null
                    then 'not_supplied'
            end
        ],
        [
            'weight_2021_to_2011',
            case
                when divided.change_code = 'X' then 'irregular_change'
                when divided.change_code = 'M' and divided.share_of_2021_area is null
                    then 'not_supplied'
            end
        ]
    ]) as null_reasons
from divided
