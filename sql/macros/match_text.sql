-- Text for comparing with the patterns of reference data: lower case, accents off, everything but
-- letters and digits a blank, runs of blanks one. Rule: methods C5 (normalise before comparing).
-- Example: match_text('REDACTED - Personal Data#2') = 'redacted personal data 2'
create macro match_text(published) as
    nullif(trim(regexp_replace(lower(strip_accents(published)), '[^a-z0-9]+', ' ', 'g')), '')
