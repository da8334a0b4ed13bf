-- grain: one domain of one LSOA in one edition of the Indices
with ranks as (
    select
        iod_lsoa.iod_edition,
        iod_lsoa.lsoa_code,
        iod_lsoa.lsoas_in_england,
        unnest([
            {'domain': 'income', 'rank': iod_lsoa.income_rank},
            {'domain': 'employment', 'rank': iod_lsoa.employment_rank},
            {'domain': 'education', 'rank': iod_lsoa.education_rank},
            {'domain': 'health', 'rank': iod_lsoa.health_rank},
            {'domain': 'crime', 'rank': iod_lsoa.crime_rank},
            {'domain': 'barriers', 'rank': iod_lsoa.barriers_rank},
            {'domain': 'living_environment', 'rank': iod_lsoa.living_environment_rank}
        ]) as pair
    from stage.iod_lsoa as iod_lsoa
)

select
    ranks.iod_edition,
    ranks.lsoa_code,
    iod_domain_weight.domain,
    iod_domain_weight.weight as domain_weight,
    ranks.pair['rank'] as domain_rank,
    iod_domain_score(ranks.pair['rank'], ranks.lsoas_in_england) as transformed_score
from ranks
inner join ref.iod_domain_weight as iod_domain_weight
    on
        ranks.iod_edition = iod_domain_weight.iod_edition
        and ranks.pair['domain'] = iod_domain_weight.domain
where ranks.pair['rank'] is not null
