-- Grain: one kind of work.
select
    bias.category,
    cast(bias.capital_share as double) as capital_share
from ref.impact_optimism_bias as bias
