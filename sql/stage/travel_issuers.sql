-- Grain: one code that stands on cards for the authority that issued them.
-- As the register has them; the code is preferred to the number of the operator on the card.
select
    passes.cpicc,
    min(passes.issuing_authority) as issuing_authority
from stage.travel_passes as passes
where passes.cpicc is not null
group by passes.cpicc
