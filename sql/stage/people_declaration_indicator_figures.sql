-- Grain: one indicator of one financial year and characteristic.
-- Employees of whom a characteristic is recorded (EM05), of what the open table of the workforce shows
-- of the authority. Whoever prefers not to say has said so, counts as recorded and stands apart as
-- well. Where few did, the two cannot be told apart: then at least those whose group is known are
-- recorded, which is the lower bound.
with authority as (
    select min(bodies.body_code) as body_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

profile as (
    select
        staff.financial_year,
        staff.characteristic,
        staff.characteristic_group,
        case when staff.is_shown then staff.headcount_rounded end as employees,
        staff.everybody_rounded
    from people.workforce_profile as staff
    inner join authority on staff.body_code = authority.body_code
    where
        staff.in_open_table
        and staff.breakdown = 'all'
        and staff.characteristic_group in ('known', 'prefer_not_to_say')
),

recorded as (
    select
        profile.financial_year,
        profile.characteristic,
        characteristics.characteristic_label,
        max(profile.everybody_rounded) filter (where profile.employees is not null) as everybody,
        max(profile.employees) filter (where profile.characteristic_group = 'known') as known,
        max(profile.employees) filter (where profile.characteristic_group = 'prefer_not_to_say')
            as prefer_not_to_say
    from profile
    inner join ref.people_characteristics as characteristics
        on profile.characteristic = characteristics.characteristic
    where characteristics.protected_characteristic is not null
    group by
        profile.financial_year, profile.characteristic, characteristics.characteristic_label
),

figure as (
    select
        recorded.financial_year,
        'characteristic' as breakdown,
        recorded.characteristic as breakdown_value,
        recorded.characteristic_label as breakdown_label,
        open_share(recorded.known + recorded.prefer_not_to_say, recorded.everybody)
            as measured_value,
        recorded.known + recorded.prefer_not_to_say as numerator,
        recorded.everybody as denominator,
        case
            when recorded.prefer_not_to_say is null
                then open_share(recorded.known, recorded.everybody)
        end as bound_low,
        'withheld' as null_reason
    from recorded
    union all
    select
        recorded.financial_year,
        'prefer_not_to_say' as breakdown,
        recorded.characteristic as breakdown_value,
        recorded.characteristic_label as breakdown_label,
        open_share(recorded.prefer_not_to_say, recorded.everybody) as measured_value,
        recorded.prefer_not_to_say as numerator,
        recorded.everybody as denominator,
        cast(null as double) as bound_low,
        'withheld' as null_reason
    from recorded
    union all
    select distinct -- one row for all characteristics of a year
        recorded.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'All' as breakdown_label,
        cast(null as double) as measured_value,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as double) as bound_low,
        'not_added' as null_reason
    from recorded
)

select
    'EM05' as indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.measured_value,
    case when figure.measured_value is not null then cast(figure.numerator as double) end as numerator,
    case
        when figure.measured_value is not null
            then cast(greatest(figure.denominator, figure.numerator) as double)
    end as denominator,
    figure.bound_low,
    case when figure.bound_low is not null then 1.0 end as bound_high,
    case when figure.measured_value is null then figure.null_reason end as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
