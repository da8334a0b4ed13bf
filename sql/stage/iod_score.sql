-- grain: one LSOA in one edition whose seven domain ranks are known
-- The score as the Indices build it: the weighted sum of the transformed domains. The weights sum
-- to 0.999 and are used as they are.
with domain_count as (
    select
        iod_domain_weight.iod_edition,
        count(*) as domains
    from ref.iod_domain_weight as iod_domain_weight
    group by iod_domain_weight.iod_edition
)

select
    iod_domain.iod_edition,
    iod_domain.lsoa_code,
    exact_sum(iod_domain.domain_weight * iod_domain.transformed_score) as imd_score_rebuilt
from stage.iod_domain as iod_domain
inner join domain_count
    on iod_domain.iod_edition = domain_count.iod_edition
group by iod_domain.iod_edition, iod_domain.lsoa_code, domain_count.domains
having count(*) = domain_count.domains
