-- Grain: one indicator of one financial year, band of deprivation, kind of share and edition of the Indices.
-- Open personal accounts of the tunnels (SP08), over households with a car of the same areas and over all
-- such accounts in the area: of the open table and nothing else.
with parameter as (
    select max(parameters.parameter_value) as z
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'normal_quantile_95'
),

account as (
    select
        reach.financial_year,
        reach.iod_edition,
        case reach.band when 'most_deprived' then '1 and 2' when 'other_areas' then '3 to 10' else 'all' end
            as band,
        cast(reach.users_rounded as double) as accounts,
        cast(reach.reference_count as double) as households,
        cast(greatest(reach.placed_rounded, reach.users_rounded) as double) as placed,
        reach.users_share,
        reach.suppressed
    from travel.reach_of_services as reach
    where reach.service = 'tunnel_accounts'
),

figure as (
    select
        account.financial_year,
        account.iod_edition,
        'households_with_car' as breakdown,
        account.band,
        'Accounts per household with a car' as quantity,
        round(share(account.accounts, account.households), 4) as measured_value,
        account.accounts as numerator,
        account.households as denominator,
        case
            when account.suppressed then 'withheld'
            when account.households is null then 'not_supplied'
            when account.households = 0 then 'zero_base'
        end as null_reason
    from account
    union all
    select
        account.financial_year,
        account.iod_edition,
        'accounts' as breakdown,
        account.band,
        'Share of all accounts' as quantity,
        account.users_share as measured_value,
        account.accounts as numerator,
        account.placed as denominator,
        case when account.suppressed then 'withheld' when account.placed = 0 then 'zero_base' end as null_reason
    from account
    where account.band = '1 and 2'
)

select
    'SP08' as indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.band as breakdown_value,
    figure.quantity || case figure.band when 'all' then ', whole area' else ', deciles ' || figure.band end
        as breakdown_label,
    figure.iod_edition,
    figure.measured_value,
    if(figure.measured_value is null, null, figure.numerator) as numerator,
    if(figure.measured_value is null, null, figure.denominator) as denominator,
    -- There may be more accounts than households.
    if(
        figure.measured_value is null or figure.numerator > figure.denominator, null,
        wilson_low(least(figure.numerator, figure.denominator), figure.denominator, parameter.z)
    ) as ci_low,
    if(
        figure.measured_value is null or figure.numerator > figure.denominator, null,
        wilson_high(least(figure.numerator, figure.denominator), figure.denominator, parameter.z)
    ) as ci_high,
    if(figure.measured_value is not null, null, coalesce(figure.null_reason, 'withheld')) as null_reason
from figure
cross join parameter
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
