-- Postcode as typed without any separator, in capitals; '' when nothing was typed.
-- Rule: normalise before matching; the pattern and the classes read this form.
-- Example: postcode_squash('l3-1bp.') = 'L31BP'.
create macro postcode_squash(typed) as
    replace(postcode_spaced(typed), ' ', '')
