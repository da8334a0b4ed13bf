-- Grain: one paying body, coverage, amount basis and month of purchase card transactions.
-- What the cards came to by the transactions, by card lines of the ledger, and by what was paid to
-- the card provider, beside one another: the first counts where it is there, and the others are
-- then excluded from every total.
select
    body_code,
    coverage,
    comparison_basis as amount_basis,
    coalesce(strftime(statement_month, '%Y-%m'), 'unknown_period') as statement_month,
    bool_or(has_transactions) as is_counted_by_transaction,
    count(*) filter (where card_part = 'transaction') as transactions,
    sum(amount_gbp) filter (where card_part = 'transaction') as transactions_gbp,
    sum(amount_gbp) filter (where card_part = 'ledger_card_line') as ledger_card_lines_gbp,
    sum(amount_gbp) filter (where card_part = 'statement_payment') as paid_to_provider_gbp,
    sum(amount_gbp) filter (where card_part = 'statement_payment')
    - sum(amount_gbp) filter (where card_part = 'transaction') as difference_gbp
from stage.spend_card_lines
group by body_code, coverage, comparison_basis, statement_month
