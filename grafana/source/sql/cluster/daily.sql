WITH largest AS (
    SELECT organization_id, cluster_id
    FROM reporting.resource_costs
    WHERE {{filter}}
      AND cluster_id <> 'none'
    GROUP BY organization_id, cluster_id
    ORDER BY sum(usage_usd) DESC, cluster_id
    LIMIT 10
),
named AS MATERIALIZED (
    SELECT organization_id, cluster_id, coalesce(name, cluster_id) AS metric
    FROM largest
    LEFT JOIN (SELECT organization_id, cluster_id, name FROM reporting.clusters) AS cluster
        USING (organization_id, cluster_id)
),
daily AS (
    SELECT charge_date::timestamp AT TIME ZONE 'UTC' AS time,
           coalesce(metric, 'Others') AS metric,
           sum(usage_usd) AS usage_usd,
           sum(credits_usd) AS credits_usd
    FROM reporting.resource_costs
    LEFT JOIN named USING (organization_id, cluster_id)
    WHERE {{filter}}
      AND cluster_id <> 'none'
    GROUP BY charge_date, 2
)
SELECT time, metric, usage_usd
FROM daily
WHERE usage_usd > 0
UNION ALL
SELECT time, 'Credits', sum(credits_usd)
FROM daily
WHERE credits_usd < 0
GROUP BY time
ORDER BY time, metric
