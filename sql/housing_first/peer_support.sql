-- Grain: one delivery team.
-- Hours may differ, as they are chosen; salaries are those of full time.
with team as (
    select
        post.body_code,
        post.delivery_team,
        max(post.extract_date) as extract_date,
        count(*) filter (where post.post_kind = 'PEER_SUPPORT_WORKER') as peer_posts,
        count(*) filter (where post.post_kind = 'PEER_SUPPORT_WORKER' and post.is_filled)
            as peer_posts_filled,
        count(*) filter (where post.post_kind = 'SUPPORT_WORKER') as support_posts,
        min(post.full_time_salary_gbp) filter (where post.post_kind = 'SUPPORT_WORKER')
            as support_salary,
        min(post.full_time_salary_gbp) filter (where post.post_kind = 'PEER_SUPPORT_WORKER')
            as peer_salary,
        min(post.annual_leave_days) filter (where post.post_kind = 'SUPPORT_WORKER')
            as support_leave,
        min(post.annual_leave_days) filter (where post.post_kind = 'PEER_SUPPORT_WORKER')
            as peer_leave,
        bool_and(post.has_pension) filter (where post.post_kind = 'SUPPORT_WORKER')
            as support_pension,
        bool_and(post.has_pension) filter (where post.post_kind = 'PEER_SUPPORT_WORKER')
            as peer_pension,
        list(distinct post.contract_type order by post.contract_type)
            filter (where post.post_kind = 'SUPPORT_WORKER') as support_contracts,
        list(distinct post.contract_type order by post.contract_type)
            filter (where post.post_kind = 'PEER_SUPPORT_WORKER') as peer_contracts
    from stage.hf_peer_posts as post
    group by post.body_code, post.delivery_team
),

compared as (
    select
        team.*,
        list_filter(
            [
                case when team.support_salary <> team.peer_salary then 'salary' end,
                case when team.support_leave <> team.peer_leave then 'leave' end,
                case when team.support_pension <> team.peer_pension then 'pension' end,
                case
                    when len(list_filter(
                        team.peer_contracts,
                        lambda contract: not list_contains(team.support_contracts, contract)
                    )) > 0 then 'contract'
                end
            ],
            lambda term: term is not null
        ) as terms
    from team
)

select
    compared.body_code,
    compared.delivery_team,
    compared.extract_date,
    compared.peer_posts,
    compared.peer_posts_filled,
    compared.support_posts,
    compared.peer_posts_filled > 0 as has_peer_support_worker,
    cast(compared.support_salary - compared.peer_salary as decimal(18, 2)) as salary_gap_gbp,
    compared.support_leave - compared.peer_leave as leave_gap_days,
    case
        when compared.peer_posts > 0 and compared.support_posts > 0 then len(compared.terms) = 0
    end as is_on_same_terms,
    nullif(array_to_string(compared.terms, ', '), '') as terms_that_differ
from compared
