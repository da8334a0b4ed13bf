-- A mean or share of what people did, such as journeys, as open tables tell it: with so many digits from
-- a thousand people on, else one fewer, so that who knows what all others did knows little of the last.
-- Rule: methods, D6 (means of ten and more). Null below ten people.
-- Example: open_use(15.21, 1200, 1) = 15.2; open_use(15.21, 60, 1) = 15.
create macro open_use(mean, people, digits) as
    case
        when people >= 1000 then round(mean, digits)
        when people >= 10 then round(mean, digits - 1)
    end
