-- Upper end of the interval of an open share of homes kept, as open_survival_low, from the upper edge of
-- the step.
-- Rule: methods, B5. Example: open_survival_high(0.75, 120, 70, 1.959964) = 0.85.
-- publish: true
create macro open_survival_high(survival, people, at_risk, z) as
    case
        when at_risk <= 0 then null
        when open_survival(survival, people) + 0.5 / survival_steps(people) >= 1 then 1
        else round(
            power(
                open_survival(survival, people) + 0.5 / survival_steps(people),
                exp(
                    -z
                    * sqrt(
                        (1 - open_survival(survival, people) - 0.5 / survival_steps(people)) / at_risk
                    )
                    / abs(ln(open_survival(survival, people) + 0.5 / survival_steps(people)))
                )
            ),
            2
        )
    end
