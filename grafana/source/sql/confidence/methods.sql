SELECT allocation_method AS "Method",
       initcap(min(allocation_confidence)) AS "Confidence",
       sum(records) AS "Records",
       count(DISTINCT nullif(cluster_id, 'none')) AS "Clusters",
       sum(cost_usd) AS "Tracked cost",
       100 * sum(usage_usd) / nullif(sum(sum(usage_usd)) OVER (), 0) AS "Share of usage"
FROM reporting.daily_costs
WHERE {{filter}}
GROUP BY allocation_method
ORDER BY 5 DESC, 1
