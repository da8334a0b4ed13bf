-- The one repair of a mistyped postcode, in standard form, or null. One character of the wrong kind
-- is changed (O and 0, I or L and 1, S and 5, B and 8, Z and 2) where every form of that length
-- demands the other kind: the three inward characters, the digit of A9, the digit of AA9 after two
-- letters, the second letter and the first digit of AA99 and AA9A. The first letter is never
-- guessed (a digit there is rather a house number run into the code) and the gap the writer left
-- is kept.
-- Rule: only an offer; it counts when the result is in the directory, and both values are kept.
-- Example: postcode_repair('L3 IBP') = 'L3 1BP'; postcode_repair('W1I 1AA') is null.
create macro postcode_repair(typed) as
    case
        when len(postcode_squash(typed)) between 5 and 7
            and not postcode_matches_pattern(typed)
            and regexp_full_match(postcode_spaced(typed), '[^ ]+|.* [^ ]{3}')
            then postcode_pcds(
                list_extract(
                    list_filter(
                        list_transform(
                            case
                                when len(postcode_squash(typed)) = 5 then [2, 3, 4, 5]
                                when len(postcode_squash(typed)) = 7 then [2, 3, 5, 6, 7]
                                when regexp_matches(postcode_squash(typed), '^[A-Z]{2}')
                                    then [3, 4, 5, 6]
                                else [4, 5, 6]
                            end,
                            lambda place: concat(
                                left(postcode_squash(typed), place - 1),
                                case
                                    when len(postcode_squash(typed)) - place <= 1
                                        or (len(postcode_squash(typed)) = 7 and place = 2)
                                        then translate(
                                            substr(postcode_squash(typed), place, 1),
                                            '01582',
                                            'OLSBZ'
                                        )
                                    else translate(
                                        substr(postcode_squash(typed), place, 1), 'OILSBZ', '011582'
                                    )
                                end,
                                substr(postcode_squash(typed), place + 1)
                            )
                        ),
                        lambda candidate: postcode_matches_pattern(candidate)
                    ),
                    1
                )
            )
    end
