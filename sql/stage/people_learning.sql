-- Grain: one course that one employee completed.
select
    learning.line_key,
    learning.body_code,
    learning.person_key,
    learning.learning_kind,
    learning.completed_on,
    learning.training_days,
    learning.is_qualification
from raw.people_learning as learning
