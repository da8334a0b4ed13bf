-- Share of homes kept, and of people accepted and housed, as the open tables of Housing First tell it: to
-- the nearest step of survival_steps.
-- Rule: methods, D6 (survival).
-- Example: open_survival(0.7456, 120) = 0.75; open_survival(0.7456, 40) is null.
-- publish: true
create macro open_survival(survival, people) as
    round(survival * survival_steps(people)) / survival_steps(people)
