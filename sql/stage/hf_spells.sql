-- Grain: one spell of being housed of one person.
-- Homes are tenancies, and homes of the person's own that the service did not find (status
-- OWN_TENANCY). Two of them are one spell when at most so many days lie between. A spell ended
-- as its last tenancy did; where a home without a tenancy came last, nobody knows how.
with parameter as (
    select cast(max(parameters.parameter_value) as integer) as gap_days
    from ref.hf_parameters as parameters
    where parameters.parameter = 'spell_gap_days'
),

status as (
    select housing_status.*
    from raw.housingfirst_housing_status as housing_status
    inner join stage.hf_supplies as supply
        on
            housing_status.body_code = supply.body_code
            and housing_status.extract_date = supply.extract_date
),

home as (
    select
        tenancy.body_code,
        tenancy.person_key,
        tenancy.start_date,
        tenancy.observed_to,
        tenancy.end_group,
        tenancy.extract_date,
        true as is_tenancy
    from stage.hf_tenancies as tenancy
    union all
    select
        status.body_code,
        status.person_key,
        status.from_date as start_date,
        least(coalesce(status.to_date, status.extract_date), status.extract_date) as observed_to,
        case when status.to_date is null then 'open' else 'unknown' end as end_group,
        status.extract_date,
        false as is_tenancy
    from status
    where
        status.housing_status = 'OWN_TENANCY'
        and status.from_date <= status.extract_date
),

before as (
    select
        home.*,
        max(home.observed_to) over (
            partition by home.body_code, home.person_key
            order by home.start_date, home.observed_to, home.is_tenancy, home.end_group
            rows between unbounded preceding and 1 preceding
        ) as housed_until
    from home
),

numbered as (
    select
        before.*,
        parameter.gap_days,
        count(*) filter (
            where
                before.housed_until is null
                or before.start_date - before.housed_until > parameter.gap_days
        ) over (
            partition by before.body_code, before.person_key
            order by before.start_date, before.observed_to, before.is_tenancy, before.end_group
            rows between unbounded preceding and current row
        ) as spell
    from before
    cross join parameter
),

joined as (
    select
        numbered.body_code,
        numbered.person_key,
        numbered.spell,
        min(numbered.start_date) as start_date,
        max(numbered.observed_to) as observed_to,
        max(numbered.gap_days) as gap_days,
        max(numbered.extract_date) as extract_date,
        count(*) filter (where numbered.is_tenancy) as tenancies,
        max(numbered.observed_to) filter (where numbered.end_group = 'open') as open_to,
        max(numbered.observed_to) filter (where numbered.is_tenancy) as tenancy_to,
        arg_max(
            numbered.end_group,
            (numbered.observed_to, numbered.start_date, numbered.end_group)
        ) filter (where numbered.is_tenancy) as tenancy_end
    from numbered
    group by numbered.body_code, numbered.person_key, numbered.spell
)

select
    joined.body_code,
    joined.person_key,
    joined.spell,
    joined.start_date,
    joined.observed_to,
    case
        when joined.open_to = joined.observed_to then 'open'
        when joined.observed_to - joined.tenancy_to <= joined.gap_days then joined.tenancy_end
        else 'unknown'
    end as end_group,
    joined.tenancies,
    joined.extract_date
from joined
