-- Grain: one member's part of one line paid to a consortium.
-- What each member of a consortium received of a payment, and where it delivers from, on the posting
-- date. The parts of a line add up to the line to the penny.
with parts as (
    select
        payment.line_key,
        payment.body_code,
        payment.posting_date,
        payment.supplier_name,
        payment.amount_gbp as line_gbp,
        share.member_number,
        share.member_name,
        share.postcode_text,
        share.member_share,
        cast(round(payment.amount_gbp * share.member_share / 100, 2) as decimal(18, 2)) as part_gbp
    from spend.payments as payment
    inner join stage.supplier_shares as share
        on payment.supplier_key = share.supplier_key
        and coalesce(share.valid_from, date '0001-01-01')
        <= coalesce(payment.posting_date, date '0001-01-01')
        and coalesce(payment.posting_date, date '9999-12-31')
        <= coalesce(share.valid_to, date '9999-12-31')
    where payment.is_identified
)

select
    parts.line_key,
    parts.member_number,
    parts.body_code,
    parts.posting_date,
    parts.supplier_name,
    parts.member_name,
    parts.member_share,
    parts.part_gbp + case
        when parts.member_number = 1
            then parts.line_gbp - sum(parts.part_gbp) over (partition by parts.line_key)
        else 0
    end as amount_gbp,
    place.pcds as member_postcode,
    coalesce(place.place_status, 'unplaced') as place_status,
    place.lad_code,
    place.ward_code,
    place.lsoa11_code,
    place.lsoa21_code,
    place.is_local
from parts
left join stage.spend_postcodes as place on parts.postcode_text = place.postcode_text
