-- Grain: one attribute of suppliers that a feed says something of.
-- What words in names alone can show does not count: without a feed the attribute is not supplied.
select distinct -- whoever says it
    evidence.attribute
from stage.supplier_evidence as evidence
inner join ref.supplier_evidence_kinds as kind
    on evidence.attribute = kind.attribute
    and evidence.evidence_kind = kind.evidence_kind
where kind.counts and not kind.from_words
