-- Grain: one time in which one holder lived at one place.
-- Times follow each other without a gap: the first begins long ago, the last does not end. A gap in the
-- register is taken as still at the address before.
select
    cardholders.person_key,
    case
        when
            lag(cardholders.address_valid_from) over (
                partition by cardholders.person_key order by cardholders.address_valid_from
            ) is null
            then date '1900-01-01'
        else cardholders.address_valid_from
    end as from_day,
    coalesce(
        lead(cardholders.address_valid_from) over (
            partition by cardholders.person_key order by cardholders.address_valid_from
        ),
        date '9999-12-31'
    ) as until_day,
    cardholders.home_lsoa11_code as lsoa11_code,
    cardholders.home_lsoa21_code as lsoa21_code,
    cardholders.home_place_status as place_status,
    cardholders.age_band
from raw.travel_cardholders as cardholders
