-- Grain: one indicator of one financial year and service.
-- How complete the records of account-based services are (SP09), and how many have an LSOA (SP10): of the
-- open tables and nothing else, each service apart. Of tunnel accounts no day of birth is collected, so
-- that they are complete with a place. Consent is never read, as statistics do not rest on it.
with pass_record as (
    select
        holders.financial_year,
        services.service,
        services.service_label,
        holders.holders_rounded as records,
        holders.placed_rounded as placed,
        holders.placed_share,
        holders.complete_rounded as complete,
        holders.complete_share,
        -- Of years of which counts were kept, ages are not known any more.
        coalesce(contains(holders.withheld, 'complete_rounded'), false) as is_complete_withheld
    from travel.pass_holders as holders
    inner join ref.reach_services as services on holders.issuing_authority || '_passes' = services.service
    where holders.pass_group = 'all'
),

account_record as (
    select
        accounts.financial_year,
        services.service,
        services.service_label,
        accounts.accounts_rounded as records,
        accounts.placed_rounded as placed,
        accounts.placed_share,
        accounts.placed_rounded as complete,
        accounts.placed_share as complete_share,
        true as is_complete_withheld
    from travel.tunnel_records as accounts
    inner join ref.reach_services as services on services.service = 'tunnel_accounts'
),

record as (
    select * from pass_record
    union all
    select * from account_record
),

figure as (
    select
        'SP09' as indicator_id,
        record.financial_year,
        record.service,
        record.service_label,
        if(record.service = 'tunnel_accounts', 'place', 'place and age') as figure_basis,
        record.complete_share as measured_value,
        record.complete as part,
        record.records,
        if(record.is_complete_withheld, 'withheld', 'not_supplied') as null_reason
    from record
    union all
    select
        'SP10' as indicator_id,
        record.financial_year,
        record.service,
        record.service_label,
        cast(null as varchar) as figure_basis,
        record.placed_share as measured_value,
        record.placed as part,
        record.records,
        'withheld' as null_reason
    from record
)

select
    figure.indicator_id,
    figure.financial_year,
    'service' as breakdown,
    figure.service as breakdown_value,
    figure.service_label as breakdown_label,
    figure.figure_basis,
    figure.measured_value,
    if(figure.measured_value is null, null, cast(figure.part as double)) as numerator,
    if(figure.measured_value is null, null, cast(greatest(figure.records, figure.part) as double)) as denominator,
    if(figure.measured_value is null, figure.null_reason, null) as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
