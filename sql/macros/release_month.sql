-- Month of a directory release as YYYY-MM, from either way the publishers write it in file names.
-- Example: release_month('NOV_2021') = '2021-11'; release_month('2025-10') = '2025-10'.
create macro release_month(release_text) as
    case
        when regexp_full_match(release_text, '[0-9]{4}-[0-9]{2}') then release_text
        when regexp_full_match(release_text, '[A-Z]{3}_[0-9]{4}')
            then concat(
                right(release_text, 4),
                '-',
                lpad(
                    cast(
                        list_position(
                            [
                                'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN',
                                'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'
                            ],
                            left(release_text, 3)
                        ) as varchar
                    ),
                    2,
                    '0'
                )
            )
    end
