-- What part one sum is of another, null when it is no part of it: credits can make a part negative
-- or greater than the whole.
-- Rule: methods C6, edge case 55. Example: part_share(1, 4) = 0.25; part_share(-1, 4) is null.
create macro part_share(part, whole) as
    case when part >= 0 and part <= whole then share(part, whole) end
