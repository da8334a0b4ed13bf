-- Grain: one indicator of one financial year, breakdown and body.
-- Employees who live in the most deprived areas (EM09), of what the open table of the workforce shows:
-- in decile 1 of the Indices, and in deciles 1 and 2 together, of those whose home is placed in the
-- area; and the area's residents, which is the line of parity. The edition is that of the baseline year.
with authority as (
    select min(bodies.body_code) as body_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

-- Where no homes were sent, the characteristic has one row that says so.
home as (
    select
        profile.body_code,
        profile.financial_year,
        max(profile.headcount_rounded) filter (
            where profile.is_shown and profile.characteristic_group = 'decile_1'
        ) as decile_1,
        max(profile.headcount_rounded) filter (
            where profile.is_shown and profile.characteristic_group = 'decile_2'
        ) as decile_2,
        max(profile.known_rounded) filter (where profile.is_shown) as placed,
        coalesce(
            max(json_extract_string(profile.null_reasons, '$.headcount_rounded')), 'withheld'
        ) as null_reason
    from people.workforce_profile as profile
    where
        profile.in_open_table
        and profile.breakdown = 'all'
        and profile.characteristic = 'imd_decile_of_home'
    group by profile.body_code, profile.financial_year
),

part as (
    select
        home.body_code,
        home.financial_year,
        'body' as breakdown,
        home.decile_1 as employees,
        home.placed,
        home.null_reason
    from home
    union all
    select
        home.body_code,
        home.financial_year,
        'deciles_1_and_2' as breakdown,
        home.decile_1 + home.decile_2 as employees,
        home.placed,
        home.null_reason
    from home
),

resident as (
    select
        share(
            cast(sum(residents.residents) filter (where residents.group_code = 'decile_1') as bigint),
            cast(sum(residents.residents) as bigint)
        ) as decile_1,
        share(
            cast(
                sum(residents.residents) filter (
                    where residents.group_code in ('decile_1', 'decile_2')
                ) as bigint
            ),
            cast(sum(residents.residents) as bigint)
        ) as deciles_1_and_2
    from stage.recruitment_residents as residents
    where residents.characteristic = 'home_imd_decile'
    having count(residents.residents) = count(*)
),

told_year as (
    select home.financial_year
    from home
    group by home.financial_year
),

figure as (
    select
        part.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'The authority' as breakdown_label,
        open_share(part.employees, part.placed) as measured_value,
        part.employees,
        part.placed,
        case
            when part.placed = 0 then 'zero_base'
            else part.null_reason
        end as null_reason
    from part
    inner join authority on part.body_code = authority.body_code
    where part.breakdown = 'body'
    union all
    select
        part.financial_year,
        part.breakdown,
        part.body_code as breakdown_value,
        coalesce(bodies.body_name, part.body_code) as breakdown_label,
        open_share(part.employees, part.placed) as measured_value,
        part.employees,
        part.placed,
        case
            when part.placed = 0 then 'zero_base'
            else part.null_reason
        end as null_reason
    from part
    left join site.bodies as bodies on part.body_code = bodies.body_code
    union all
    select
        told_year.financial_year,
        'residents' as breakdown,
        'decile_1' as breakdown_value,
        'Residents of the area in decile 1' as breakdown_label,
        round(resident.decile_1, 3) as measured_value,
        cast(null as bigint) as employees,
        cast(null as bigint) as placed,
        'not_supplied' as null_reason
    from told_year
    cross join resident
    union all
    select
        told_year.financial_year,
        'residents' as breakdown,
        'deciles_1_and_2' as breakdown_value,
        'Residents of the area in deciles 1 and 2' as breakdown_label,
        round(resident.deciles_1_and_2, 3) as measured_value,
        cast(null as bigint) as employees,
        cast(null as bigint) as placed,
        'not_supplied' as null_reason
    from told_year
    cross join resident
)

select
    'EM09' as indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.measured_value,
    case when figure.measured_value is not null then cast(figure.employees as double) end as numerator,
    case when figure.measured_value is not null then cast(figure.placed as double) end as denominator,
    case when figure.measured_value is null then figure.null_reason end as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
