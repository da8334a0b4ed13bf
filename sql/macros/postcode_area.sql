-- Postcode area, the one or two letters a postcode starts with; null when there are none. An area is no
-- district: L39 lies in West Lancashire.
-- Example: postcode_area('PR8 1RX') = 'PR'.
create macro postcode_area(typed) as
    nullif(regexp_extract(postcode_squash(typed), '^[A-Z]{1,2}'), '')
