-- Postcode in its standard form, one space before the last three characters; null when the text
-- has not the form of a postcode.
-- Example: postcode_pcds('l31bp') = 'L3 1BP'.
create macro postcode_pcds(typed) as
    case
        when postcode_matches_pattern(typed)
            then concat(
                left(postcode_squash(typed), len(postcode_squash(typed)) - 3),
                ' ',
                right(postcode_squash(typed), 3)
            )
    end
