-- grain: one pair of an LSOA of 2011 and an LSOA of 2021, as the exact-fit look-up has it
select
    lsoa_changes.lsoa11_code,
    lsoa_changes.lsoa11_name,
    lsoa_changes.lsoa21_code,
    lsoa_changes.lsoa21_name,
    lsoa_changes.change_code,
    lsoa_changes.lad_code
from raw.geography_lsoa_changes as lsoa_changes
