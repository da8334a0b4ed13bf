-- Lower end of the interval of an open share of homes kept, z the quantile of the normal distribution.
-- It is made of what is shown and of nothing else: the log-log interval with Peto's standard error
-- S * sqrt((1 - S) / at_risk), which is wider than Greenwood's, from the lower edge of the step.
-- Rule: methods, B5. Example: open_survival_low(0.75, 120, 70, 1.959964) = 0.62.
-- publish: true
create macro open_survival_low(survival, people, at_risk, z) as
    case
        when open_survival(survival, people) - 0.5 / survival_steps(people) > 0 and at_risk > 0 then round(
            power(
                open_survival(survival, people) - 0.5 / survival_steps(people),
                exp(
                    z
                    * sqrt(
                        (1 - open_survival(survival, people) + 0.5 / survival_steps(people)) / at_risk
                    )
                    / abs(ln(open_survival(survival, people) - 0.5 / survival_steps(people)))
                )
            ),
            2
        )
    end
