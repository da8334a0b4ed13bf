-- What a cell of spend.local_spend says of one yes/no attribute of suppliers (csl, vcse …): how many
-- have it and of how many it is known, their money and its shares; and why any of these is null, as
-- pairs for null_reasons. What no feed supplies has no figure.
-- Example: supplier_attribute('csl', true, 1, 2, 25, 50, 100).share = 0.25;
-- supplier_attribute('csl', true, 1, 2, 25, 50, 100).share_of_known = 0.5.
create macro supplier_attribute(
    attribute, is_supplied, suppliers, known_suppliers, gbp, known_gbp, spend_gbp
) as {
    'suppliers': case when is_supplied then suppliers end,
    'known_suppliers': case when is_supplied then known_suppliers end,
    'gbp': case when is_supplied then gbp end,
    'known_gbp': case when is_supplied then known_gbp end,
    'share': case
        when attribute_share_reason(is_supplied, known_suppliers, gbp, spend_gbp) is null
            then share(gbp, spend_gbp)
    end,
    'share_of_known': case
        when attribute_known_reason(is_supplied, known_suppliers, gbp, known_gbp) is null
            then share(gbp, known_gbp)
    end,
    'reasons': [
        [attribute || '_suppliers', case when not is_supplied then 'not_supplied' end],
        [attribute || '_known_suppliers', case when not is_supplied then 'not_supplied' end],
        [attribute || '_gbp', case when not is_supplied then 'not_supplied' end],
        [attribute || '_known_gbp', case when not is_supplied then 'not_supplied' end],
        [
            attribute || '_share',
            attribute_share_reason(is_supplied, known_suppliers, gbp, spend_gbp)
        ],
        [
            attribute || '_share_of_known',
            attribute_known_reason(is_supplied, known_suppliers, gbp, known_gbp)
        ]
    ]
}
