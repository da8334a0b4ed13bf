-- What did purchase cards come to by their transactions, in the ledger, and by what the card provider was paid?
-- tier: spend
select
    statement.body_code,
    statement.coverage,
    statement.statement_month,
    statement.is_counted_by_transaction,
    statement.transactions,
    statement.transactions_gbp,
    statement.ledger_card_lines_gbp,
    statement.paid_to_provider_gbp,
    statement.difference_gbp
from spend.card_statements as statement
order by
    abs(statement.difference_gbp) desc nulls last, statement.body_code, statement.coverage,
    statement.amount_basis, statement.statement_month
