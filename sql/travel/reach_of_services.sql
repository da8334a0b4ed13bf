-- Grain: one service of one financial year, edition of the Indices and band of deprivation.
-- Who uses the services that come with an account, by where they live, beside those who could (M26).
-- A user of free travel is somebody whose pass was used in the year. Only homes that are placed in the
-- area count, so that the bands make the whole, and only in districts whose residents could have the
-- pass: Halton's have none from 60 (methods A6, A-26). Without journeys of every month nobody is said not
-- to travel.
with travelled as (
    select
        journeys.financial_year,
        count(distinct journeys.service_month) as journey_months
    from stage.travel_journey_counts as journeys
    where journeys.issuing_authority = 'merseytravel' and journeys.journeys > 0
    group by journeys.financial_year
),

pass_user as (
    select
        reach.financial_year,
        'free_travel_from_60' as service,
        reach.iod_edition,
        reach.imd_decile,
        case when travelled.journey_months = 12 then reach.active_passes end as users,
        reach.eligible as reference,
        case when travelled.journey_months < 12 then 'year_incomplete' end as null_reason
    from travel.reach as reach
    left join travelled on reach.financial_year = travelled.financial_year
    where
        reach.breakdown = 'district'
        and reach.pass_group = 'sixty_plus'
        and reach.place_status = 'placed'
        -- Where residents of no district are known, users stand without those who could.
        and (
            reach.eligible is not null
            or not exists (
                select 1
                from travel.reach as counted
                where
                    counted.breakdown = 'district'
                    and counted.pass_group = 'sixty_plus'
                    and counted.financial_year = reach.financial_year
                    and counted.iod_edition = reach.iod_edition
                    and counted.eligible is not null
            )
        )
),

account_holder as (
    select
        accounts.financial_year,
        'tunnel_accounts' as service,
        accounts.iod_edition,
        accounts.imd_decile,
        accounts.accounts as users,
        accounts.households_with_car as reference,
        cast(null as varchar) as null_reason
    from travel.tunnel_accounts as accounts
    where accounts.account_kind = 'personal' and accounts.place_status = 'placed'
),

user_group as (
    select * from pass_user
    union all
    select * from account_holder
),

banded as (
    select
        user_group.financial_year,
        user_group.service,
        user_group.iod_edition,
        case when user_group.imd_decile <= parameters.most_deprived_deciles then 'most_deprived' else 'other_areas' end
            as band,
        user_group.users,
        user_group.reference,
        user_group.null_reason
    from user_group
    cross join ref.reach_parameters as parameters
),

counted as (
    select
        banded.financial_year,
        banded.service,
        banded.iod_edition,
        if(grouping(banded.band) = 1, 'all', banded.band) as band,
        cast(sum(banded.users) as bigint) as users,
        cast(sum(banded.reference) as bigint) as reference,
        max(banded.null_reason) as null_reason
    from banded
    group by
        grouping sets (
            (banded.financial_year, banded.service, banded.iod_edition, banded.band),
            (banded.financial_year, banded.service, banded.iod_edition)
        )
)

select
    counted.financial_year,
    counted.service,
    services.service_label,
    counted.iod_edition,
    counted.band,
    counted.users as users_rounded,
    whole.users as placed_rounded,
    counted.reference as reference_count,
    share(counted.reference, whole.reference) as reference_share,
    services.reference_label,
    open_share(counted.users, whole.users) as users_share,
    round(
        share(open_share(counted.users, whole.users), share(counted.reference, whole.reference)), 3
    ) as representation_ratio,
    case
        when counted.null_reason is not null then counted.null_reason
        when counted.reference is null or whole.reference = 0 or whole.users is null then 'not_supplied'
        when whole.users = 0 then 'zero_base'
    end as null_reason,
    false as suppressed
from counted
inner join counted as whole
    on
        counted.financial_year = whole.financial_year
        and counted.service = whole.service
        and counted.iod_edition = whole.iod_edition
        and whole.band = 'all'
inner join ref.reach_services as services on counted.service = services.service
