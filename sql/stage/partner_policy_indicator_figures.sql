-- Grain: one indicator of one financial year.
-- Partners on the list that have published a social value policy (CL04). Where of some nobody has said
-- whether they have, there is no share, but the least and the greatest that it can be: unknown is never no.
with partner as (
    select
        entries.financial_year,
        count(*) as partners,
        count(entries.has_policy) as known,
        count(*) filter (where entries.has_policy) as with_policy
    from stage.register_entries as entries
    where entries.register = 'partners'
    group by entries.financial_year
)

select
    'CL04' as indicator_id,
    partner.financial_year,
    'all' as breakdown,
    'all' as breakdown_value,
    'All' as breakdown_label,
    if(partner.known = partner.partners, share(partner.with_policy, partner.partners), null) as measured_value,
    if(partner.known = partner.partners, cast(partner.with_policy as double), null) as numerator,
    if(partner.known = partner.partners, cast(partner.partners as double), null) as denominator,
    if(partner.known < partner.partners and partner.known > 0, share(partner.with_policy, partner.partners), null)
        as bound_low,
    if(
        partner.known < partner.partners and partner.known > 0,
        share(partner.with_policy + partner.partners - partner.known, partner.partners), null
    ) as bound_high,
    share(partner.known, partner.partners) as completeness_share,
    case
        when partner.known = 0 then 'not_supplied'
        when partner.known < partner.partners then 'not_stated'
    end as null_reason
from partner
inner join stage.indicator_years as years on partner.financial_year = years.financial_year
