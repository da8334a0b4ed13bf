-- grain: one LSOA of one vintage in one year and basis
with ages as (
    select
        population.lsoa_code,
        population.lsoa_vintage,
        population.population_year,
        population.basis,
        population.total,
        -- An estimate counts residents on 30 June, a census in March.
        make_date(cast(population.population_year as integer), 6, 30) as counted_on,
        population.age_90 is not null as has_ages,
        [
            population.age_00, population.age_01, population.age_02, population.age_03,
            population.age_04, population.age_05, population.age_06, population.age_07,
            population.age_08, population.age_09, population.age_10, population.age_11,
            population.age_12, population.age_13, population.age_14, population.age_15,
            population.age_16, population.age_17, population.age_18, population.age_19,
            population.age_20, population.age_21, population.age_22, population.age_23,
            population.age_24, population.age_25, population.age_26, population.age_27,
            population.age_28, population.age_29, population.age_30, population.age_31,
            population.age_32, population.age_33, population.age_34, population.age_35,
            population.age_36, population.age_37, population.age_38, population.age_39,
            population.age_40, population.age_41, population.age_42, population.age_43,
            population.age_44, population.age_45, population.age_46, population.age_47,
            population.age_48, population.age_49, population.age_50, population.age_51,
            population.age_52, population.age_53, population.age_54, population.age_55,
            population.age_56, population.age_57, population.age_58, population.age_59,
            population.age_60, population.age_61, population.age_62, population.age_63,
            population.age_64, population.age_65, population.age_66, population.age_67,
            population.age_68, population.age_69, population.age_70, population.age_71,
            population.age_72, population.age_73, population.age_74, population.age_75,
            population.age_76, population.age_77, population.age_78, population.age_79,
            population.age_80, population.age_81, population.age_82, population.age_83,
            population.age_84, population.age_85, population.age_86, population.age_87,
            population.age_88, population.age_89, population.age_90
        ] as residents_by_age
    from raw.geography_population as population
)

select
    ages.lsoa_code,
    ages.lsoa_vintage,
    ages.population_year,
    ages.basis,
    ages.total as population,
    -- Element 1 of the list is age 0.
    case when ages.has_ages then list_sum(list_slice(ages.residents_by_age, 61, 91)) end
        as population_60_plus,
    case when ages.has_ages then list_sum(list_slice(ages.residents_by_age, 67, 91)) end
        as population_66_plus,
    case
        when ages.has_ages and state_pension_age.pension_age_years is not null
            then list_sum(
                list_slice(ages.residents_by_age, state_pension_age.pension_age_years + 1, 91)
            )
    end as population_pension_age,
    state_pension_age.pension_age_years
from ages
left join ref.state_pension_age as state_pension_age
    on
        ages.counted_on >= state_pension_age.valid_from
        and ages.counted_on <= coalesce(state_pension_age.valid_to, ages.counted_on)
