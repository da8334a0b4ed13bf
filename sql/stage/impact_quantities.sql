-- Grain: one outcome at one stage, level and year, in one submission.
select
    quantities.submission,
    quantities.project_id,
    quantities.outcome_id,
    quantities.stage,
    quantities.level,
    quantities.impact_year,
    cast(quantities.gross_quantity as double) as gross_quantity,
    cast(quantities.reference_quantity as double) as reference_quantity,
    quantities.respondents
from raw.impact_quantities as quantities
