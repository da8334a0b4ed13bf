-- How a record with a postcode is placed on the day it happened, a code of ref.place_status.
-- class: postcode_class of the text; found: the postcode (or its repair) is in the directory;
-- repaired: it was found by postcode_repair; introduced, terminated, user_type, has_grid,
-- country_code: of the directory row; area_covered: the directory holds the postcode's area.
-- Rule: the last month of a postcode is its month of ending; residents keep old codes for years, so
-- an ended postcode still places. The caller keeps every row: nothing here drops one.
-- Example: place_status('ok', true, false, date '1990-02-01', date '2015-06-01', 'small', true,
-- 'E92000001', true, date '2024-01-01') = 'terminated'.
create macro place_status(
    class, found, repaired, introduced, terminated, user_type, has_grid, country_code,
    area_covered, on_date
) as
    case
        when class in ('missing', 'missing_text') then 'missing'
        when class = 'pseudo_no_fixed_abode' then 'nfa'
        when class in ('pseudo_not_known', 'pseudo_other') then 'pseudo'
        when class = 'overseas_territory' then 'overseas'
        when class in ('non_geographic', 'ok_special') then 'non_geographic'
        when class in ('bfpo', 'crown_dependency') then class
        when class in ('northern_ireland', 'scotland', 'wales') then 'not_england'
        when not coalesce(found, false)
            then case
                when class = 'ok' and not coalesce(area_covered, true) then 'outside_directory'
                else 'invalid_unknown'
            end
        when country_code is not null and not starts_with(country_code, 'E') then 'not_england'
        when not coalesce(has_grid, true) then 'no_grid'
        when user_type = 'large' then 'non_residential'
        when coalesce(repaired, false) then 'repaired'
        when terminated <= date_trunc('month', cast(on_date as date)) then 'terminated'
        when introduced > date_trunc('month', cast(on_date as date)) then 'before_introduction'
        else 'live'
    end
