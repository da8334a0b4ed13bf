-- Grain: one district of one body and financial year.
-- Pay of own staff by where they live, as HR added it up, and the part of the district that lies in
-- the area: all or nothing of a local authority district, a proportion of a postcode district. One
-- with fewer people than may be shown counts wholly on the side of its greater part, so that what is
-- put together for its sake is of one side.
select
    pay.body_code,
    pay.financial_year,
    pay.home_district,
    case
        when regexp_full_match(pay.home_district, '[EWSN][0-9]{8}') then 'local_authority'
        when postcodes.postcode_district is not null then 'postcode_district'
        else 'not_known'
    end as district_kind,
    case
        when regexp_full_match(pay.home_district, '[EWSN][0-9]{8}')
            then case when area.lad_code is not null then 1 else 0 end
        when pay.staff < least_shown.parameter_value
            then case when postcodes.local_share >= 0.5 then 1 else 0 end
        else coalesce(postcodes.local_share, 0)
    end as local_share,
    pay.staff,
    pay.pay_gbp
from raw.spend_staff_pay as pay
inner join ref.spend_parameters as least_shown on least_shown.parameter = 'least_staff_shown'
left join site.area as area on pay.home_district = area.lad_code
left join stage.spend_postcode_districts as postcodes
    on pay.home_district = postcodes.postcode_district
