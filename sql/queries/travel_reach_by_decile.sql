-- Does free travel reach the most deprived places?
-- tier: travel
select
    reach.financial_year,
    reach.iod_edition,
    reach.imd_decile,
    reach.eligible,
    reach.live_passes,
    reach.take_up_share,
    reach.journey_share,
    reach.eligible_share,
    reach.representation_ratio
from travel.reach as reach
where reach.breakdown = 'all' and reach.pass_group = 'older' and reach.place_status = 'placed'
order by reach.financial_year, reach.iod_edition, reach.imd_decile
