-- The models join a parameter by its name alone, so each stands once; the publication threshold is
-- dated, and its periods must not overlap.
select
    parameter.parameter,
    count(*) as rows_found
from ref.spend_parameters as parameter
where parameter.parameter <> 'publication_threshold_gbp'
group by parameter.parameter
having count(*) > 1
union all
select
    earlier.parameter,
    count(*) as rows_found
from ref.spend_parameters as earlier
inner join ref.spend_parameters as later
    on earlier.parameter = later.parameter
    and coalesce(earlier.valid_from < later.valid_from, earlier.valid_from is null)
    and later.valid_from is not null
    and coalesce(earlier.valid_to >= later.valid_from, true)
where earlier.parameter = 'publication_threshold_gbp'
group by earlier.parameter
