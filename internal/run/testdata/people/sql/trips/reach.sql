-- Passes in use by area, as travel.reach has them inside the authority.
select
    reach.financial_year,
    reach.breakdown,
    reach.breakdown_value,
    reach.eligible,
    reach.active_passes,
    reach.take_up_share,
    cast(null as varchar) as withheld
from ref.travel_reach as reach
