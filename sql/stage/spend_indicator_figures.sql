-- Grain: one indicator of one financial year, of the bodies together (all) or of one body.
-- What the payments say. Where a year has figures of several coverages, those of the fullest are
-- taken, and of one coverage the basis of most of the money; figures of different coverage or basis
-- are never added. The bodies together have no figure where one of them has none of that coverage and
-- basis, or nothing of the year: what the others say is not the whole. Nor has a year of which a month
-- has not come: half of the payments are half of the money, and any share of the whole.
with ranked as (
    select
        spend.financial_year,
        spend.body_code,
        spend.coverage,
        spend.amount_basis,
        row_number() over (
            partition by spend.financial_year, spend.body_code
            order by
                coverage.whole_ledger desc, coverage.threshold_gbp asc nulls last, spend.coverage,
                -- A coverage without a row of all procurement has nothing that can be compared.
                sum(case when spend.breakdown = 'all' then spend.spend_gbp end) desc nulls last,
                spend.amount_basis desc
        ) as fullness
    from spend.local_spend as spend
    inner join ref.spend_coverage as coverage on spend.coverage = coverage.coverage
    where
        spend.local_definition = 'delivery_branch'
        and spend.breakdown in ('all', 'goods_services_works', 'imd_decile')
        and spend.coverage <> 'cards' -- a year of which nothing else is known has no figure
    group by
        spend.financial_year, spend.body_code, spend.coverage, spend.amount_basis,
        coverage.whole_ledger, coverage.threshold_gbp
),

fullest as (
    select ranked.*
    from ranked
    where ranked.fullness = 1
),

-- Bodies whose payments are known of any year.
payer as (
    select
        ranked.body_code,
        string_agg(ranked.body_code, ', ') over (
            order by ranked.body_code rows between unbounded preceding and unbounded following
        ) as payers
    from ranked
    inner join site.bodies as body on ranked.body_code = body.body_code
    group by ranked.body_code
),

-- Years in which the figure of the bodies together would leave one of them out.
mixed as (
    select distinct together.financial_year
    from fullest as together
    cross join payer
    left join ranked as comparable
        on together.financial_year = comparable.financial_year
        and payer.body_code = comparable.body_code
        and together.coverage = comparable.coverage
        and together.amount_basis = comparable.amount_basis
    where together.body_code = 'group' and comparable.body_code is null
),

-- Years of which a body has sent some months and not all twelve.
months_sent as (
    select
        spend.financial_year,
        spend.body_code,
        spend.coverage,
        spend.amount_basis,
        count(distinct spend.breakdown_value) as months
    from spend.local_spend as spend
    where spend.local_definition = 'delivery_branch' and spend.breakdown = 'month'
    group by spend.financial_year, spend.body_code, spend.coverage, spend.amount_basis
),

incomplete as (
    select distinct
        fullest.financial_year,
        fullest.body_code
    from fullest
    inner join months_sent
        on fullest.financial_year = months_sent.financial_year
        and fullest.coverage = months_sent.coverage
        and fullest.amount_basis = months_sent.amount_basis
        and (
            fullest.body_code = months_sent.body_code
            or fullest.body_code = 'group' and months_sent.body_code in (select payer.body_code from payer)
        )
    where months_sent.months < 12
),

cell as (
    select
        spend.financial_year,
        spend.body_code,
        -- Which bodies are together is part of what a figure of all rests on.
        spend.coverage || ', ' || spend.amount_basis
        || if(spend.body_code = 'group', coalesce(', ' || together.payers, ''), '') as figure_basis,
        spend.breakdown,
        spend.breakdown_value,
        spend.spend_gbp,
        spend.local_gbp,
        spend.known_gbp,
        spend.unknown_gbp,
        spend.local_share_of_known,
        spend.lower_share,
        spend.upper_share,
        spend.suppliers,
        spend.vcse_suppliers,
        spend.vcse_known_suppliers,
        spend.rlw_suppliers,
        spend.rlw_known_suppliers,
        spend.sv_principles_suppliers,
        spend.sv_principles_known_suppliers,
        spend.csl_known_suppliers,
        spend.csl_gbp,
        spend.csl_known_gbp,
        spend.csl_share,
        spend.sme_gbp,
        spend.sme_known_gbp,
        spend.sme_share_of_known,
        spend.place_status,
        spend.iod_edition,
        spend.imd_decile,
        spend.null_reasons
    from spend.local_spend as spend
    inner join fullest
        on spend.financial_year = fullest.financial_year
        and spend.body_code = fullest.body_code
        and spend.coverage = fullest.coverage
        and spend.amount_basis = fullest.amount_basis
    cross join (select max(payer.payers) as payers from payer) as together
    where
        spend.local_definition = 'delivery_branch'
        and spend.breakdown in ('all', 'goods_services_works', 'imd_decile')
),

whole as (
    select cell.*
    from cell
    where cell.breakdown = 'all'
),

-- Goods and services: works are left out (M17), and so are lines that do not say what they are.
goods_and_services as (
    select
        cell.financial_year,
        cell.body_code,
        cell.figure_basis,
        sum(case when cell.breakdown_value in ('goods', 'services') then cell.local_gbp else 0 end)
            as local_gbp,
        sum(case when cell.breakdown_value in ('goods', 'services') then cell.unknown_gbp else 0 end)
            as unknown_gbp,
        -- Of these at most what is not known to be elsewhere can be local goods and services.
        sum(case
            when cell.breakdown_value = 'not_stated' then cell.local_gbp + cell.unknown_gbp else 0
        end) as not_stated_gbp,
        sum(case when cell.breakdown_value in ('goods', 'services') then cell.known_gbp else 0 end)
            as known_gbp,
        sum(case when cell.breakdown_value = 'works' then 0 else cell.spend_gbp end) as spend_gbp,
        count(*) filter (where cell.breakdown_value <> 'not_stated') as stated_parts
    from cell
    where cell.breakdown = 'goods_services_works'
    group by cell.financial_year, cell.body_code, cell.figure_basis
),

-- Deciles 1 and 2 of the edition in force in the baseline year; only what is placed in the area has one.
deprived as (
    select
        cell.financial_year,
        cell.body_code,
        cell.figure_basis,
        sum(case
            when cell.imd_decile <= deprived_most.parameter_value then cell.spend_gbp else 0
        end) as deprived_gbp,
        sum(case when cell.place_status = 'placed' then cell.spend_gbp else 0 end) as placed_gbp,
        sum(case when cell.place_status = 'unplaced' then cell.spend_gbp else 0 end)
            as unplaced_gbp
    from cell
    inner join ref.spend_parameters as headline
        on headline.parameter = 'headline_iod_edition'
        and cast(cell.iod_edition as integer) = headline.parameter_value
    inner join ref.spend_parameters as deprived_most
        on deprived_most.parameter = 'most_deprived_deciles'
    where cell.breakdown = 'imd_decile'
    group by cell.financial_year, cell.body_code, cell.figure_basis
),

figure as (
    select
        'M13' as indicator_id,
        whole.financial_year,
        whole.body_code,
        whole.figure_basis,
        case
            when whole.vcse_known_suppliers > 0
                then share(whole.vcse_suppliers, whole.suppliers)
        end
            as measured_value,
        cast(whole.vcse_suppliers as double) as numerator,
        cast(whole.suppliers as double) as denominator,
        case
            when whole.vcse_known_suppliers > 0
                then share(whole.vcse_suppliers, whole.suppliers)
        end
            as bound_low,
        share(
            whole.suppliers - whole.vcse_known_suppliers + whole.vcse_suppliers, whole.suppliers
        ) as bound_high,
        share(whole.vcse_known_suppliers, whole.suppliers) as completeness_share,
        coalesce(
            json_extract_string(whole.null_reasons, '$.vcse_suppliers'),
            case when whole.vcse_known_suppliers = 0 then 'no_known' end
        ) as null_reason
    from whole
    union all
    select
        'M14' as indicator_id,
        whole.financial_year,
        whole.body_code,
        whole.figure_basis,
        case when whole.rlw_known_suppliers > 0 then cast(whole.rlw_suppliers as double) end
            as measured_value,
        cast(whole.rlw_suppliers as double) as numerator,
        cast(null as double) as denominator,
        case when whole.rlw_known_suppliers > 0 then cast(whole.rlw_suppliers as double) end
            as bound_low,
        cast(
            whole.suppliers - whole.rlw_known_suppliers + whole.rlw_suppliers as double
        ) as bound_high,
        share(whole.rlw_known_suppliers, whole.suppliers) as completeness_share,
        coalesce(
            json_extract_string(whole.null_reasons, '$.rlw_suppliers'),
            case when whole.rlw_known_suppliers = 0 then 'no_known' end
        ) as null_reason
    from whole
    union all
    select
        'M15a' as indicator_id,
        whole.financial_year,
        whole.body_code,
        whole.figure_basis,
        case
            when whole.sv_principles_known_suppliers > 0
                then cast(whole.sv_principles_suppliers as double)
        end
            as measured_value,
        cast(whole.sv_principles_suppliers as double) as numerator,
        cast(null as double) as denominator,
        case
            when whole.sv_principles_known_suppliers > 0
                then cast(whole.sv_principles_suppliers as double)
        end
            as bound_low,
        cast(
            whole.suppliers - whole.sv_principles_known_suppliers + whole.sv_principles_suppliers as double
        ) as bound_high,
        share(whole.sv_principles_known_suppliers, whole.suppliers) as completeness_share,
        coalesce(
            json_extract_string(whole.null_reasons, '$.sv_principles_suppliers'),
            case when whole.sv_principles_known_suppliers = 0 then 'no_known' end
        ) as null_reason
    from whole
    union all
    select
        'M15b' as indicator_id,
        whole.financial_year,
        whole.body_code,
        whole.figure_basis,
        case
            when whole.sv_principles_known_suppliers > 0
                then share(whole.sv_principles_suppliers, whole.suppliers)
        end
            as measured_value,
        cast(whole.sv_principles_suppliers as double) as numerator,
        cast(whole.suppliers as double) as denominator,
        case
            when whole.sv_principles_known_suppliers > 0
                then share(whole.sv_principles_suppliers, whole.suppliers)
        end
            as bound_low,
        share(
            whole.suppliers - whole.sv_principles_known_suppliers + whole.sv_principles_suppliers, whole.suppliers
        ) as bound_high,
        share(whole.sv_principles_known_suppliers, whole.suppliers) as completeness_share,
        coalesce(
            json_extract_string(whole.null_reasons, '$.sv_principles_suppliers'),
            case when whole.sv_principles_known_suppliers = 0 then 'no_known' end
        ) as null_reason
    from whole
    union all
    select
        'M16a' as indicator_id,
        whole.financial_year,
        whole.body_code,
        whole.figure_basis,
        case when whole.csl_known_suppliers > 0 then cast(whole.csl_gbp as double) end
            as measured_value,
        cast(whole.csl_gbp as double) as numerator,
        cast(null as double) as denominator,
        cast(whole.csl_gbp as double) as bound_low,
        cast(whole.csl_gbp + whole.spend_gbp - whole.csl_known_gbp as double) as bound_high,
        part_share(whole.csl_known_gbp, whole.spend_gbp) as completeness_share,
        coalesce(
            json_extract_string(whole.null_reasons, '$.csl_gbp'),
            case when whole.csl_known_suppliers = 0 then 'no_known' end
        ) as null_reason
    from whole
    union all
    select
        'M16b' as indicator_id,
        whole.financial_year,
        whole.body_code,
        whole.figure_basis,
        whole.csl_share as measured_value,
        cast(whole.csl_gbp as double) as numerator,
        cast(whole.spend_gbp as double) as denominator,
        whole.csl_share as bound_low,
        case
            when whole.csl_share is not null
                then part_share(
                    whole.csl_gbp + whole.spend_gbp - whole.csl_known_gbp, whole.spend_gbp
                )
        end as bound_high,
        part_share(whole.csl_known_gbp, whole.spend_gbp) as completeness_share,
        json_extract_string(whole.null_reasons, '$.csl_share') as null_reason
    from whole
    union all
    select
        'CO04' as indicator_id,
        whole.financial_year,
        whole.body_code,
        whole.figure_basis,
        whole.sme_share_of_known as measured_value,
        cast(whole.sme_gbp as double) as numerator,
        cast(whole.sme_known_gbp as double) as denominator,
        case
            when whole.sme_share_of_known is not null
                then part_share(whole.sme_gbp, whole.spend_gbp)
        end as bound_low,
        case
            when whole.sme_share_of_known is not null
                then part_share(
                    whole.sme_gbp + whole.spend_gbp - whole.sme_known_gbp, whole.spend_gbp
                )
        end as bound_high,
        part_share(whole.sme_known_gbp, whole.spend_gbp) as completeness_share,
        json_extract_string(whole.null_reasons, '$.sme_share_of_known') as null_reason
    from whole
    union all
    select
        'CO12' as indicator_id,
        deprived.financial_year,
        deprived.body_code,
        deprived.figure_basis,
        case
            when deprived.deprived_gbp between 0 and deprived.placed_gbp
                then share(deprived.deprived_gbp, deprived.placed_gbp)
        end as measured_value,
        cast(deprived.deprived_gbp as double) as numerator,
        cast(deprived.placed_gbp as double) as denominator,
        case
            when
                deprived.unplaced_gbp >= 0
                and deprived.deprived_gbp between 0 and deprived.placed_gbp
                then share(deprived.deprived_gbp, deprived.placed_gbp + deprived.unplaced_gbp)
        end as bound_low,
        case
            when
                deprived.unplaced_gbp >= 0
                and deprived.deprived_gbp between 0 and deprived.placed_gbp
                then share(
                    deprived.deprived_gbp + deprived.unplaced_gbp,
                    deprived.placed_gbp + deprived.unplaced_gbp
                )
        end as bound_high,
        case
            when deprived.unplaced_gbp >= 0
                then share(deprived.placed_gbp, deprived.placed_gbp + deprived.unplaced_gbp)
        end as completeness_share,
        case
            when deprived.placed_gbp <= 0 then 'non_positive_denominator'
            when deprived.deprived_gbp not between 0 and deprived.placed_gbp
                then 'negative_component'
        end as null_reason
    from deprived
    union all
    select
        'M17' as indicator_id,
        goods_and_services.financial_year,
        goods_and_services.body_code,
        goods_and_services.figure_basis,
        case
            when goods_and_services.stated_parts > 0
                then cast(goods_and_services.local_gbp as double)
        end as measured_value,
        case
            when goods_and_services.stated_parts > 0
                then cast(goods_and_services.local_gbp as double)
        end as numerator,
        cast(null as double) as denominator,
        case
            when goods_and_services.stated_parts > 0
                then cast(goods_and_services.local_gbp as double)
        end as bound_low,
        case
            when goods_and_services.stated_parts > 0
                then cast(
                    goods_and_services.local_gbp
                    + goods_and_services.unknown_gbp
                    + goods_and_services.not_stated_gbp as double
                )
        end as bound_high,
        part_share(goods_and_services.known_gbp, goods_and_services.spend_gbp) as completeness_share,
        case when goods_and_services.stated_parts = 0 then 'not_stated' end as null_reason
    from goods_and_services
    union all
    select
        'M18' as indicator_id,
        whole.financial_year,
        whole.body_code,
        whole.figure_basis,
        whole.local_share_of_known as measured_value,
        cast(whole.local_gbp as double) as numerator,
        cast(whole.known_gbp as double) as denominator,
        whole.lower_share as bound_low,
        whole.upper_share as bound_high,
        part_share(whole.known_gbp, whole.spend_gbp) as completeness_share,
        json_extract_string(whole.null_reasons, '$.local_share_of_known') as null_reason
    from whole
)

select
    figure.indicator_id,
    figure.financial_year,
    case when figure.body_code = 'group' then 'all' else 'body' end as breakdown,
    case when figure.body_code = 'group' then 'all' else figure.body_code end as breakdown_value,
    case
        when figure.body_code = 'group' then 'All bodies'
        else coalesce(body.body_name, figure.body_code)
    end as breakdown_label,
    figure.figure_basis,
    if(partly.why is null, figure.measured_value, null) as measured_value,
    if(partly.why is null, figure.numerator, null) as numerator,
    if(partly.why is null, figure.denominator, null) as denominator,
    if(partly.why is null, figure.bound_low, null) as bound_low,
    if(partly.why is null, figure.bound_high, null) as bound_high,
    if(partly.why is null, figure.completeness_share, null) as completeness_share,
    coalesce(partly.why, figure.null_reason) as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
left join site.bodies as body on figure.body_code = body.body_code
left join mixed on figure.body_code = 'group' and figure.financial_year = mixed.financial_year
left join incomplete
    on figure.body_code = incomplete.body_code and figure.financial_year = incomplete.financial_year
cross join lateral (
    select
        case
            when mixed.financial_year is not null then 'mixed_coverage'
            when incomplete.financial_year is not null then 'year_incomplete'
        end as why
) as partly
