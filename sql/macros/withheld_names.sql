-- Names of the columns that a row withholds, with commas between, from pairs [column, its value as text]; those that are
-- undefined anyway are not named. Null when there is none.
-- Example: withheld_names([['gi', '12'], ['gi_ref', null]]) = 'gi'.
create macro withheld_names(pairs) as
    nullif(
        array_to_string(
            list_transform(list_filter(pairs, lambda pair: pair[2] is not null), lambda pair: pair[1]), ','
        ),
        ''
    )
