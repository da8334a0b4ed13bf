-- Number of a document for finding one invoice paid twice: capitals and digits only, noughts at the
-- front of each run of digits dropped, null when no digit other than nought is left. Rule: methods
-- C3 (after stripping punctuation and leading zeros).
-- Example: document_number_key('inv-00123') = 'INV123'; document_number_key('000') is null
create macro document_number_key(published) as
    case
        when regexp_matches(published, '[1-9]')
            then regexp_replace(
                regexp_replace(upper(published), '[^A-Z0-9]', '', 'g'), '(^|[A-Z])0+', '\1', 'g'
            )
    end
