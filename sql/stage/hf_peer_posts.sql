-- Grain: one post.
select
    post.body_code,
    post.post_ref,
    post.extract_date,
    post.delivery_team,
    post.post_kind,
    post.is_filled,
    post.contract_type,
    post.full_time_salary_gbp,
    post.annual_leave_days,
    post.has_pension
from raw.housingfirst_peer_posts as post
qualify post.extract_date = max(post.extract_date) over (partition by post.body_code)
