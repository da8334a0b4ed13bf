-- Reasons of the undefined values of a row as JSON text, from pairs [column, reason or null]; null
-- when no pair has a reason. Keys stand in the order given.
-- Example: null_reasons([['a', null], ['b', 'zero_base']]) = '{"b":"zero_base"}'.
create macro null_reasons(pairs) as
    case
        when len(list_filter(pairs, lambda pair: pair[2] is not null)) = 0 then null
        else cast(
            to_json(
                map_from_entries(
                    list_transform(
                        list_filter(pairs, lambda pair: pair[2] is not null),
                        lambda pair: {'key': pair[1], 'value': pair[2]}
                    )
                )
            ) as varchar
        )
    end
