-- Text as a person would read it: control characters and no-break spaces become blanks, runs of
-- blanks become one, the ends are trimmed, and nothing at all is null. Rule: C1 and C0 controls
-- stand in published files (Trafford 2024-25).
-- Example: tidy_text('  Grange School ' || chr(160) || '(Trust)') = 'Grange School (Trust)'
create macro tidy_text(published) as
    nullif(
        trim(regexp_replace(
            published, '[\x{00}-\x{20}\x{7F}-\x{A0}\x{200B}\x{FEFF}]+', ' ', 'g'
        )),
        ''
    )
