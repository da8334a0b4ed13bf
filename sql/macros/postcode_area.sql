-- Postcode area, the one or two letters a postcode starts with; null when there are none.
-- Example: postcode_area('PR8 1RX') = 'PR'. An area is no district: L39 lies in West Lancashire.
create macro postcode_area(typed) as
    nullif(regexp_extract(postcode_squash(typed), '^[A-Z]{1,2}'), '')
