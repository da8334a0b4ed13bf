-- grain: one LSOA of 2021 in one ward vintage, as the best-fit look-up has it
select
    lsoa_wards.lsoa21_code,
    lsoa_wards.lsoa21_name,
    lsoa_wards.ward_code,
    lsoa_wards.ward_name,
    lsoa_wards.ward_vintage,
    lsoa_wards.lad_code,
    lsoa_wards.lad_name
from raw.geography_lsoa_wards as lsoa_wards
