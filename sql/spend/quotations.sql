-- Grain: one supplier asked for one quotation.
-- Whether the supplier was on the Community Suppliers List on the day it was asked; null where no
-- list is at hand, or where it is not settled who the supplier is: then it may be on the list.
with membership as (
    select distinct -- a supplier may be listed under several names
        matched.supplier_key,
        evidence.valid_from,
        evidence.valid_to
    from stage.supplier_evidence as evidence
    inner join stage.supplier_matches as matched on evidence.mention_key = matched.mention_key
    where evidence.attribute = 'csl' and evidence.answer
),

listed as (
    select count(*) > 0 as is_supplied
    from membership
)

select
    quotation.body_code,
    quotation.quote_ref,
    quotation.mention_key,
    matched.supplier_key,
    quotation.title,
    quotation.directorate,
    quotation.invited_date,
    financial_year(
        quotation.invited_date, settings.financial_year_start_month, settings.financial_year_start_day
    ) as financial_year,
    quotation.closing_date,
    quotation.estimated_gbp,
    quotation.supplier_name,
    quotation.has_quoted,
    quotation.quote_gbp,
    quotation.is_awarded,
    quotation.contract_ref,
    case
        when
            exists (
                select 1
                from membership
                where
                    membership.supplier_key = matched.supplier_key
                    and coalesce(membership.valid_from <= quotation.invited_date, true)
                    and coalesce(membership.valid_to >= quotation.invited_date, true)
            )
            then true
        when listed.is_supplied and matched.supplier_key is not null and not matched.needs_review
            then false
    end as is_on_list
from stage.quotations as quotation
left join stage.supplier_matches as matched on quotation.mention_key = matched.mention_key
cross join listed
cross join site.settings as settings
