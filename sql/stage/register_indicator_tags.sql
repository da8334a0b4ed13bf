-- Grain: one indicator that somebody answers for or has tagged.
select
    tags.indicator_id,
    tags.indicator_owner,
    tags.vision,
    tags.corporate_objective,
    tags.marmot_priority,
    tags.pillar,
    tags.key_question
from raw.registers_indicators as tags
