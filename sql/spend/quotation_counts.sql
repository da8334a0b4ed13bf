-- Grain: one body (group: all of them) in one financial year.
-- Quotations up to the value from which social value is asked. What members of the Community
-- Suppliers List had in them is known where a list is at hand. The list is one for all bodies.
with member as (
    select
        years.financial_year,
        count(distinct matched.supplier_key) as members
    from stage.supplier_evidence as evidence
    inner join stage.supplier_matches as matched on evidence.mention_key = matched.mention_key
    inner join stage.indicator_years as years
        on
            coalesce(evidence.valid_from <= years.last_date, true)
            and coalesce(evidence.valid_to >= years.last_date, true)
    where evidence.attribute = 'csl' and evidence.answer
    group by years.financial_year
),

asked as (
    select
        quotation.financial_year,
        quotation.body_code,
        quotation.quote_ref,
        quotation.supplier_key,
        quotation.is_on_list,
        coalesce(quotation.is_awarded, false) as is_awarded
    from spend.quotations as quotation
    inner join ref.contracts_parameters as above on above.parameter = 'social_value_above_gbp'
    where quotation.estimated_gbp <= above.parameter_value or quotation.estimated_gbp is null
),

summed as (
    select
        if(grouping(asked.body_code) = 1, 'group', asked.body_code) as body_code,
        asked.financial_year,
        count(distinct (asked.body_code, asked.quote_ref)) as quotations,
        count(distinct case when asked.is_on_list then (asked.body_code, asked.quote_ref) end) as with_member,
        count(
            distinct case
                when asked.is_on_list and asked.is_awarded then (asked.body_code, asked.quote_ref)
            end
        ) as won_by_member,
        count(distinct case when asked.is_on_list then asked.supplier_key end) as members_asked,
        count(distinct case when asked.is_on_list and asked.is_awarded then asked.supplier_key end)
            as members_awarded,
        count(asked.is_on_list) > 0 as list_is_at_hand
    from asked
    group by grouping sets ((asked.body_code, asked.financial_year), (asked.financial_year))
)

select
    summed.body_code,
    summed.financial_year,
    summed.quotations,
    member.members,
    if(summed.list_is_at_hand, summed.with_member, null) as quotations_with_member,
    if(summed.list_is_at_hand, summed.won_by_member, null) as quotations_won_by_member,
    if(summed.list_is_at_hand, summed.members_asked, null) as members_asked,
    if(summed.list_is_at_hand, summed.members_awarded, null) as members_awarded,
    if(summed.list_is_at_hand, share(summed.with_member, summed.quotations), null) as with_member_share,
    if(summed.list_is_at_hand, share(summed.won_by_member, summed.quotations), null) as won_by_member_share,
    null_reasons([
        ['with_member_share', if(summed.list_is_at_hand, null, 'not_supplied')],
        ['won_by_member_share', if(summed.list_is_at_hand, null, 'not_supplied')]
    ]) as null_reasons
from summed
left join member on summed.financial_year = member.financial_year
