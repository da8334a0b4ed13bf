-- Share of homes kept as the open tables tell it: to the nearest step of survival_steps.
-- Rule: methods, D6 (survival).
-- Example: open_survival(0.7456, 120) = 0.75; open_survival(0.7456, 40) is null.
-- publish: true
create macro open_survival(survival, people) as
    round(survival * survival_steps(people)) / survival_steps(people)
