-- Grain: one part of CO05 in one financial year.
-- What quotations tell of the Community Suppliers List, and how many members it had. The parts are
-- different things and never added. Without a list there is no row.
with part as (
    select
        counted.financial_year,
        figure.part,
        figure.numerator,
        figure.denominator
    from spend.quotation_counts as counted
    cross join unnest([
        {'part': 'members', 'numerator': cast(counted.members as double), 'denominator': null},
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
    where counted.body_code = 'group' and figure.numerator is not null
),

figure as (
    select
        part.financial_year,
        'quotations' as breakdown,
        part.part as breakdown_value,
        upper(left(part.part, 1)) || replace(substr(part.part, 2), '_', ' ') as breakdown_label,
        coalesce(share(part.numerator, part.denominator), part.numerator) as measured_value,
        part.numerator,
        part.denominator,
        cast(null as varchar) as null_reason
    from part
    union all
    select
        part.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'All' as breakdown_label,
        cast(null as double) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        'not_added' as null_reason
    from part
    group by part.financial_year
)

select
    'CO05' as indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.measured_value,
    figure.numerator,
    figure.denominator,
    figure.null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
