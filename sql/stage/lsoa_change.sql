-- grain: one pair of an LSOA of 2011 and an LSOA of 2021
select
    lsoa_changes.lsoa11_code,
    lsoa_changes.lsoa21_code,
    lsoa_changes.change_code,
    lsoa_changes.lad_code,
    lsoa_changes.lad_vintage
from raw.geography_lsoa_changes as lsoa_changes
