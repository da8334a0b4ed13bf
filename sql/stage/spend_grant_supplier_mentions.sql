-- Grain: one way in which the grants name a recipient.
-- A recipient of grants may be a supplier too, and is then one legal entity.
select
    'grants' as feed,
    recipient.mention_key,
    min(recipient.recipient_name) as supplier_name,
    min(recipient.recipient_name_key) as supplier_name_key,
    min(recipient.company_number) as company_number,
    min(recipient.charity_number) as charity_number,
    min(recipient.other_id_scheme) as other_id_scheme,
    min(recipient.other_id) as other_id,
    min(recipient.recipient_pcds) as pcds,
    true as is_identified
from stage.spend_grant_recipients as recipient
where recipient.mention_key is not null
group by recipient.mention_key
