-- grain: one postcode area the supplied directories hold
-- Says whether a postcode that was not found could have been: an area missing here is not covered,
-- so its postcodes are outside the site's area, not mistyped.
select
    postcode.postcode_area,
    count(*) as postcodes,
    count(*) filter (where postcode.terminated is null) as live_postcodes,
    count(*) filter (where postcode.in_area) as postcodes_in_area
from geo.postcode as postcode
where postcode.postcode_area is not null
group by postcode.postcode_area
