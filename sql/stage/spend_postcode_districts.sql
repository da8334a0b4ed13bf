-- Grain: one postcode district, the part of a postcode before the space.
-- What part of a postcode district lies in the area, by its live postcodes: postcode districts cut
-- across local authority districts, so people known by them alone are divided in this proportion.
select
    split_part(postcode.pcds, ' ', 1) as postcode_district,
    count(*) as postcodes,
    count(area.lad_code) as local_postcodes,
    cast(cast(count(area.lad_code) as double) / count(*) as decimal(9, 8)) as local_share
from geo.postcode as postcode
left join site.area as area on postcode.lad_code = area.lad_code
where postcode.terminated is null
group by split_part(postcode.pcds, ' ', 1)
