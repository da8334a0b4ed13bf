-- Grain: one part of CO05 in one financial year.
-- What quotations tell of the Community Suppliers List; the members themselves come with the list.
-- Without a list there is no row.
select
    'CO05' as indicator_id,
    counted.financial_year,
    'quotations' as breakdown,
    figure.part as breakdown_value,
    upper(left(figure.part, 1)) || replace(substr(figure.part, 2), '_', ' ') as breakdown_label,
    cast(null as varchar) as iod_edition,
    cast(null as varchar) as figure_basis,
    coalesce(share(figure.numerator, figure.denominator), figure.numerator) as measured_value,
    figure.numerator,
    figure.denominator,
    cast(null as double) as ci_low,
    cast(null as double) as ci_high,
    cast(null as double) as bound_low,
    cast(null as double) as bound_high,
    cast(null as double) as completeness_share,
    cast(null as varchar) as null_reason
from spend.quotation_counts as counted
cross join unnest([
    {
        'part': 'quotations_with_member',
        'numerator': cast(counted.quotations_with_member as double),
        'denominator': cast(counted.quotations as double)
    },
    {
        'part': 'quotations_won_by_member',
        'numerator': cast(counted.quotations_won_by_member as double),
        'denominator': cast(counted.quotations as double)
    },
    {'part': 'members_asked', 'numerator': cast(counted.members_asked as double), 'denominator': null},
    {'part': 'members_awarded', 'numerator': cast(counted.members_awarded as double), 'denominator': null}
]) as listed(figure)
inner join stage.indicator_years as years on counted.financial_year = years.financial_year
where counted.body_code = 'group' and figure.numerator is not null
