-- The seven weights sum to 0.999 in every edition. Weights that sum to 1 were normalised by
-- somebody, which moves every score.
select
    iod_domain_weight.iod_edition,
    sum(iod_domain_weight.weight) as weights
from ref.iod_domain_weight as iod_domain_weight
group by iod_domain_weight.iod_edition
having sum(iod_domain_weight.weight) <> 0.999 or count(*) <> 7
