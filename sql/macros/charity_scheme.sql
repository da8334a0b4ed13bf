-- Scheme of a charity number in its one form: Scotland, Northern Ireland, else England and Wales.
-- Rule: methods C5, identifiers. Example: charity_scheme('SC012345') = 'GB-SC'
create macro charity_scheme(charity_number) as
    case
        when starts_with(charity_number, 'SC') then 'GB-SC'
        when starts_with(charity_number, 'NIC') then 'GB-NIC'
        when charity_number is not null then 'GB-CHC'
    end
