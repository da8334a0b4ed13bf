-- Grain: one site of one project in one submission.
select
    sites.submission,
    sites.project_id,
    sites.site_ref,
    postcode_pcds(sites.site_postcode) as pcds,
    sites.site_gbp,
    coalesce(sites.is_area_wide, false) as is_area_wide
from raw.impact_sites as sites
