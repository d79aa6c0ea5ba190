WITH daily AS (
    SELECT charge_date, cost_center, sum(usage_usd) AS usage_usd, sum(credits_usd) AS credits_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY charge_date, cost_center
),
ranked AS (
    SELECT cost_center, row_number() OVER (ORDER BY sum(usage_usd) DESC, cost_center) AS place
    FROM daily
    GROUP BY cost_center
)
SELECT charge_date::timestamp AT TIME ZONE 'UTC' AS time,
       CASE WHEN place > 10 AND cost_center <> 'Unallocated' THEN 'Others'
            WHEN name = cost_center THEN cost_center
            ELSE concat_ws(' ', cost_center, name) END AS metric,
       sum(usage_usd) AS usage_usd
FROM daily
JOIN ranked USING (cost_center)
LEFT JOIN reporting.cost_centers USING (cost_center)
GROUP BY charge_date, 2
UNION ALL
SELECT charge_date::timestamp AT TIME ZONE 'UTC', 'Credits', sum(credits_usd)
FROM daily
WHERE credits_usd < 0
GROUP BY charge_date
ORDER BY time, metric
