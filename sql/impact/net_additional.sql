-- Grain: one outcome of one project at one stage and level, in one year.
select
    years.project_id,
    projects.investment_id,
    years.outcome_id,
    years.stage,
    years.level,
    years.system,
    years.system_version,
    years.proxy_code,
    years.outcome_concept,
    years.beneficiary_group,
    years.quantity_unit,
    years.guidance_edition,
    years.dw_form,
    years.leakage,
    years.displacement,
    years.substitution,
    years.multiplier,
    years.leakage_ref,
    years.displacement_ref,
    years.substitution_ref,
    years.multiplier_ref,
    years.attribution,
    years.drop_off,
    years.multiplier_type,
    years.factor_basis,
    years.value_type,
    years.discount_schedule,
    years.price_year,
    years.unit_value_price_year,
    years.evidence_design,
    years.evidence_grade,
    years.confidence,
    years.overlap_group,
    years.is_headline,
    years.is_counted,
    years.not_counted_reason,
    years.flags,
    years.adjustment_ids,
    years.source_refs,
    if(hides.it, null, years.null_reason) as null_reason,
    years.impact_year,
    if(hides.it, null, years.gi) as gi,
    if(hides.it, null, years.gi_ref) as gi_ref,
    years.persistence,
    if(hides.it, null, years.net_quantity) as net_quantity,
    if(hides.it, null, years.net_to_gross) as net_to_gross,
    if(licence.forbids, null, years.unit_value_gbp) as unit_value_gbp,
    if(hides.it, null, years.value_undiscounted_gbp) as value_undiscounted_gbp,
    if(hides.it, null, years.pv_gbp) as pv_gbp,
    if(hides.it, null, years.inherent_pv_gbp) as inherent_pv_gbp,
    if(hides.it, null, round(years.pv_gbp, 2) - round(years.inherent_pv_gbp, 2)) as additional_pv_gbp,
    if(hides.it, null, years.overlap_pv_gbp) as overlap_pv_gbp,
    if(hides.it, null, years.sd_drawn_gbp) as sd_drawn_gbp,
    if(hides.it, null, years.p5_gbp) as p5_gbp,
    if(hides.it, null, years.p50_gbp) as p50_gbp,
    if(hides.it, null, years.p95_gbp) as p95_gbp,
    if(hides.it, null, years.p_negative) as p_negative,
    years.draws,
    withheld_names(
        [
            ['unit_value_gbp', if(licence.forbids, cast(years.unit_value_gbp as varchar), null)],
            ['gi', if(hides.it, cast(years.gi as varchar), null)],
            ['gi_ref', if(hides.it, cast(years.gi_ref as varchar), null)],
            ['net_quantity', if(hides.it, cast(years.net_quantity as varchar), null)],
            ['net_to_gross', if(hides.it, cast(years.net_to_gross as varchar), null)],
            ['value_undiscounted_gbp', if(hides.it, cast(years.value_undiscounted_gbp as varchar), null)],
            ['pv_gbp', if(hides.it, cast(years.pv_gbp as varchar), null)],
            ['inherent_pv_gbp', if(hides.it, cast(years.inherent_pv_gbp as varchar), null)],
            ['additional_pv_gbp', if(hides.it, cast(years.additional_pv_gbp as varchar), null)],
            ['overlap_pv_gbp', if(hides.it, cast(years.overlap_pv_gbp as varchar), null)],
            ['sd_drawn_gbp', if(hides.it, cast(years.sd_drawn_gbp as varchar), null)],
            ['p5_gbp', if(hides.it, cast(years.p5_gbp as varchar), null)],
            ['p50_gbp', if(hides.it, cast(years.p50_gbp as varchar), null)],
            ['p95_gbp', if(hides.it, cast(years.p95_gbp as varchar), null)],
            ['p_negative', if(hides.it, cast(years.p_negative as varchar), null)]
        ]
    ) as withheld,
    coalesce(projects.is_announced, false) as is_announced
from stage.impact_years as years
left join stage.impact_projects as projects
    on
        years.project_id = projects.project_id
        and projects.is_in_one_submission
left join stage.impact_withheld as hidden
    on
        years.project_id = hidden.project_id
        and years.outcome_id = hidden.outcome_id
        and years.stage = hidden.stage
        and years.level = hidden.level
        and years.system = hidden.system
cross join lateral (select hidden.outcome_id is not null as it) as hides
left join stage.impact_systems as systems
    on years.system = systems.system
-- Results are told; the unit value of a system that may not be handed on is not. Of a system nobody lists, nobody knows.
cross join lateral (select not coalesce(systems.is_redistributable, false) as forbids) as licence
