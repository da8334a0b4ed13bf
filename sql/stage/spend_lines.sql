-- Grain: one ledger line.
-- The line as published, cleaned: tidy texts, one amount (net plus irrecoverable VAT), canonical
-- words, the financial year of the posting date. Nothing is judged and nothing is left out here.
-- Purchase card transactions are lines like the others: the day of a transaction is its payment,
-- and stands in for the posting date where the file has none.
with words as (
    select
        column_name,
        published_value,
        canonical_value
    from ref.spend_value_words
),
received as (
    select
        *,
        false as is_card_feed
    from raw.spend_payments
    union all by name
    select
        card.line_key,
        card.source,
        card.body_code,
        card._load_id,
        card._source_file,
        card._source_row,
        card.coverage,
        coalesce(card.posting_date, card.transaction_date) as posting_date,
        case when card.posting_date is null then 'payment' else 'posting' end as posting_date_basis,
        card.transaction_date as payment_date,
        card.effective_date,
        card.transaction_ref as document_ref,
        card.published_row_ref,
        card.body_name,
        card.body_ref,
        card.directorate,
        card.service,
        card.account,
        card.account_code,
        card.category,
        coalesce(card.category_scheme, 'merchant_category') as category_scheme,
        card.merchant_category,
        card.purpose,
        card.merchant_name as supplier_name,
        card.merchant_ref as supplier_ref,
        card.merchant_postcode as supplier_postcode,
        card.merchant_country as supplier_country,
        card.company_number,
        card.amount_gbp,
        card.irrecoverable_vat_gbp,
        card.amount_basis,
        card.redaction_given,
        'yes' as purchase_card,
        true as is_card_feed
    from raw.spend_card_transactions as card
)

select
    line.line_key,
    line.source as source_name,
    line.is_card_feed,
    line.body_code,
    line._load_id as load_id,
    line._source_file as source_file,
    line._source_row as source_row,
    coalesce(line.coverage, 'not_stated') as coverage,
    coalesce(
        financial_year(
            line.posting_date,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ),
        'unknown_period'
    ) as financial_year,
    line.posting_date,
    coalesce(
        line.payment_date,
        case when line.posting_date_basis = 'payment' then line.posting_date end
    ) as payment_date,
    coalesce(
        line.invoice_date,
        case when line.posting_date_basis = 'invoice' then line.posting_date end
    ) as invoice_date,
    line.effective_date,
    coalesce(line.posting_date_basis, 'posting') as posting_date_basis,
    tidy_text(line.document_ref) as document_ref,
    tidy_text(line.document_line) as document_line,
    tidy_text(line.invoice_ref) as invoice_ref,
    tidy_text(line.body_name) as body_name_published,
    tidy_text(line.directorate) as directorate,
    tidy_text(line.service) as service,
    tidy_text(line.cost_centre) as cost_centre,
    tidy_text(line.cost_centre_code) as cost_centre_code,
    tidy_text(line.account) as account,
    tidy_text(line.account_code) as account_code,
    case
        when line.category_scheme = 'expense_type'
            then coalesce(tidy_text(line.category), tidy_text(line.account))
        else tidy_text(line.category)
    end as category,
    tidy_text(line.category_code) as category_code,
    line.category_scheme,
    tidy_text(line.merchant_category) as merchant_category,
    tidy_text(line.purpose) as purpose,
    tidy_text(line.supplier_name) as payee_name,
    tidy_text(line.supplier_ref) as payee_ref,
    company_number_key(line.company_number) as payee_company_number,
    tidy_text(line.charity_number) as payee_charity_number,
    tidy_text(line.vat_number) as payee_vat_number,
    line.supplier_postcode as payee_postcode_text,
    line.site_postcode as site_postcode_text,
    tidy_text(line.supplier_country) is not null
    and home.canonical_value is null as payee_is_overseas,
    tidy_text(line.redaction_given) as redaction_given,
    tidy_text(line.flow_class_given) as flow_class_given,
    line.amount_gbp as published_amount_gbp,
    line.irrecoverable_vat_gbp,
    line.gross_amount_gbp,
    line.amount_gbp + case
        when line.amount_basis = 'net' then coalesce(line.irrecoverable_vat_gbp, 0)
        else 0
    end as amount_gbp,
    case
        when line.amount_basis = 'net' and line.irrecoverable_vat_gbp is not null
            then 'net_plus_irrecoverable_vat'
        else coalesce(line.amount_basis, 'gross_unknown_vat')
    end as amount_basis,
    case
        when line.amount_basis in ('net', 'net_plus_irrecoverable_vat') then 'net'
        else 'gross_unknown_vat'
    end as comparison_basis,
    capital.canonical_value as capital_or_revenue,
    kind.canonical_value as goods_services_works,
    coalesce(tidy_text(line.contract_ref), contract_ref_in_text(line.purpose)) as contract_ref,
    card.canonical_value = 'true' as purchase_card
from received as line
cross join site.settings as settings
left join words as capital
    on capital.column_name = 'capital_or_revenue'
    and capital.published_value = match_text(line.capital_or_revenue)
left join words as kind
    on kind.column_name = 'goods_services_works'
    and kind.published_value = match_text(line.goods_services_works)
left join words as card
    on card.column_name = 'purchase_card'
    and card.published_value = match_text(line.purchase_card)
left join words as home
    on home.column_name = 'home_country'
    and home.published_value = match_text(line.supplier_country)
