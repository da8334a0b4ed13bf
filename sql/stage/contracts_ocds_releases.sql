-- Grain: one release of one process.
select
    releases.body_code,
    releases.ocid,
    releases.release_id,
    strftime(releases.released_at, '%Y-%m-%dT%H:%M:%S') as released_at,
    notice_date(strftime(releases.released_at, '%Y-%m-%dT%H:%M:%SZ'), settings.time_zone) as released_date,
    releases.tags,
    releases.notice_types,
    releases.release
from raw.contracts_ocds as releases
cross join site.settings as settings
