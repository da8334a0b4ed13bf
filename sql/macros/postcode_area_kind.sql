-- What a postcode area stands for: geographic, wales, scotland, northern_ireland,
-- crown_dependency, bfpo, non_geographic; unknown when there is no such area. Areas that cross a
-- border (CA, CH, DG, HR, LD, LL, NP, SY, TD) are geographic: only the directory knows the country.
-- Rule: the same list with names and marks is ref.postcode_area; a check holds the two together.
-- Example: postcode_area_kind('CF') = 'wales'; postcode_area_kind('LO') = 'unknown'.
create macro postcode_area_kind(area) as
    case
        when area in (
            'AL', 'B', 'BA', 'BB', 'BD', 'BH', 'BL', 'BN', 'BR', 'BS', 'CA', 'CB', 'CH', 'CM',
            'CO', 'CR', 'CT', 'CV', 'CW', 'DA', 'DE', 'DG', 'DH', 'DL', 'DN', 'DT', 'DY', 'E',
            'EC', 'EN', 'EX', 'FY', 'GL', 'GU', 'HA', 'HD', 'HG', 'HP', 'HR', 'HU', 'HX', 'IG',
            'IP', 'KT', 'L', 'LA', 'LD', 'LE', 'LL', 'LN', 'LS', 'LU', 'M', 'ME', 'MK', 'N',
            'NE', 'NG', 'NN', 'NP', 'NR', 'NW', 'OL', 'OX', 'PE', 'PL', 'PO', 'PR', 'RG', 'RH',
            'RM', 'S', 'SE', 'SG', 'SK', 'SL', 'SM', 'SN', 'SO', 'SP', 'SR', 'SS', 'ST', 'SW',
            'SY', 'TA', 'TD', 'TF', 'TN', 'TQ', 'TR', 'TS', 'TW', 'UB', 'W', 'WA', 'WC', 'WD',
            'WF', 'WN', 'WR', 'WS', 'WV', 'YO'
        ) then 'geographic'
        when area in ('CF', 'SA') then 'wales'
        when area in (
            'AB', 'DD', 'EH', 'FK', 'G', 'HS', 'IV', 'KA', 'KW', 'KY', 'ML', 'PA', 'PH', 'ZE'
        ) then 'scotland'
        when area = 'BT' then 'northern_ireland'
        when area in ('GY', 'IM', 'JE') then 'crown_dependency'
        when area = 'BF' then 'bfpo'
        when area = 'BX' then 'non_geographic'
        else 'unknown'
    end
