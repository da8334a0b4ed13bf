-- Shares that are not the quotient of the sums in their own row, as a mean of the shares of several
-- bodies would be.
with shares as (
    select
        body_code,
        coverage,
        amount_basis,
        financial_year,
        breakdown,
        breakdown_value,
        place_status,
        iod_edition,
        local_definition,
        unnest([
            struct_pack(
                measure := 'local_share_of_total', measured := local_share_of_total,
                recomputed := share(local_gbp, spend_gbp)
            ),
            struct_pack(
                measure := 'local_share_of_known', measured := local_share_of_known,
                recomputed := share(local_gbp, known_gbp)
            ),
            struct_pack(
                measure := 'lower_share', measured := lower_share,
                recomputed := share(local_gbp, spend_gbp)
            ),
            struct_pack(
                measure := 'upper_share', measured := upper_share,
                recomputed := share(local_gbp + unknown_gbp, spend_gbp)
            )
        ]) as compared
    from spend.local_spend
)

select
    body_code,
    coverage,
    amount_basis,
    financial_year,
    breakdown,
    breakdown_value,
    place_status,
    iod_edition,
    local_definition,
    compared.measure as measure
from shares
where compared.measured is not null and abs(compared.measured - compared.recomputed) > 1e-9
