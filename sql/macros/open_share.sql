-- Share as the open tables about people tell it: of two counts that are shown, to a tenth of a per
-- cent where the whole is 30 people and more, else to a per cent.
-- Rule: methods 3.2, rule 5. Rounded parts may be more than their rounded whole, a share is not.
-- Example: open_share(55, 945) = 0.058; open_share(10, 25) = 0.4; open_share(0, 0) is null;
-- open_share(null, 10) is null.
-- publish: true
create macro open_share(part, whole) as
    case -- least() passes over what is null
        when share(part, whole) is not null
            then least(1, round(share(part, whole), case when whole >= 30 then 3 else 2 end))
    end
