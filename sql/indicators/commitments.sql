-- Grain: one commitment in one financial year.
-- Every commitment of the framework in every year, also where nobody has said how it stands.
with measure as (
    select
        shown.commitment_id,
        string_agg(shown.measured_by, ', ' order by shown.measured_by) as measured_by
    from ref.commitment_measures as shown
    group by shown.commitment_id
)

select
    commitment.commitment_id,
    years.financial_year,
    commitment.commitment_order,
    commitment.role,
    commitment.kind,
    commitment.change_kind,
    commitment.commitment_text,
    state.status,
    state.due,
    state.evidence,
    state.commitment_owner,
    measure.measured_by,
    case when state.commitment_id is null then 'not_supplied' end as null_reason
from ref.commitments as commitment
cross join stage.indicator_years as years
left join stage.commitment_states as state
    on
        commitment.commitment_id = state.commitment_id
        and years.financial_year = state.financial_year
left join measure on commitment.commitment_id = measure.commitment_id
