-- How many steps a share of homes kept is told in, of so many people who started: as many as leave
-- five people to a step, so that the share says no more than a count to the nearest 5. Null below 50.
-- Of all years together, which come again with other people, ask for half the people: that leaves ten.
-- Rule: methods, D6 (rounding); decided, see docs/disclosure.md.
-- Example: survival_steps(120) = 20; survival_steps(40) is null.
-- publish: true
create macro survival_steps(people) as
    case
        when people >= 500 then 100
        when people >= 250 then 50
        when people >= 100 then 20
        when people >= 50 then 10
    end
