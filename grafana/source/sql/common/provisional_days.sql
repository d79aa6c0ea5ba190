SELECT charge_date::timestamp AT TIME ZONE 'UTC' AS time, 1 AS "Provisional day"
FROM (
    SELECT charge_date AS day
    FROM reporting.days
    WHERE is_provisional
      AND $__timeFilter(charge_date)
      AND organization_id IN (${org:sqlstring})
    GROUP BY charge_date
) AS provisional
CROSS JOIN LATERAL (
    SELECT charge_date FROM reporting.resource_costs WHERE charge_date = day AND {{filter}} LIMIT 1
) AS billed
ORDER BY time
