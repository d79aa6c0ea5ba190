WITH daily AS (
    SELECT charge_date, sum(records) AS records
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY charge_date
),
provisional AS (
    SELECT DISTINCT charge_date
    FROM reporting.days
    WHERE is_provisional AND organization_id IN (${org:sqlstring})
)
SELECT daily.charge_date::timestamp AT TIME ZONE 'UTC' AS time,
       CASE WHEN provisional.charge_date IS NULL THEN records END AS "Settled",
       CASE WHEN provisional.charge_date IS NOT NULL THEN records END AS "Provisional"
FROM daily
LEFT JOIN provisional USING (charge_date)
ORDER BY time
