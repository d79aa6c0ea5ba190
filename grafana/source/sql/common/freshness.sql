-- Of several organizations, the one that lags most. The hyphens do not break: a day is one word.
SELECT CASE WHEN bool_and(data_through IS NOT NULL)
            THEN to_char(min(data_through), 'YYYY‑MM‑DD') ELSE 'nothing' END AS "Data through",
       date_part('epoch', now() - min(last_collected_at)) / 3600 AS "Collected",
       (
           SELECT count(DISTINCT charge_date)
           FROM reporting.days
           WHERE is_provisional
             AND $__timeFilter(charge_date)
             AND organization_id IN (${org:sqlstring})
       ) AS "Provisional days"
FROM reporting.organizations
WHERE organization_id IN (${org:sqlstring})
