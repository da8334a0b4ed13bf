-- Postcode sector: the outward part, a space and the first inward digit; null when the text has not
-- the form of a postcode.
-- Example: postcode_sector('L3 1BP') = 'L3 1'.
create macro postcode_sector(typed) as
    case
        when postcode_matches_pattern(typed)
            then left(postcode_pcds(typed), len(postcode_pcds(typed)) - 2)
    end
