WITH daily AS (
    SELECT charge_date::timestamp AT TIME ZONE 'UTC' AS time,
           business_unit,
           sum(usage_usd) AS usage_usd,
           sum(credits_usd) AS credits_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY charge_date, business_unit
)
SELECT time, coalesce(name, business_unit) AS metric, usage_usd
FROM daily
LEFT JOIN reporting.business_units USING (business_unit)
WHERE usage_usd > 0
UNION ALL
SELECT time, 'Credits', sum(credits_usd)
FROM daily
WHERE credits_usd < 0
GROUP BY time
ORDER BY time, metric
