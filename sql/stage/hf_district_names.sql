-- Grain: one district of the area.
select
    lsoa.active_lad_code as lad_code,
    min(lsoa.lad_name) as lad_name
from geo.lsoa as lsoa
where lsoa.in_area and lsoa.active_lad_code is not null
group by lsoa.active_lad_code
