SELECT allocation_method AS "Method",
       initcap(min(allocation_confidence)) AS "Confidence",
       sum(records) AS "Records",
       count(*) FILTER (WHERE cluster_id <> 'none') AS "Clusters",
       sum(cost_usd) AS "Tracked cost",
       100 * sum(usage_usd) / nullif(sum(sum(usage_usd)) OVER (), 0) AS "Share of usage"
FROM (
    SELECT organization_id,
           cluster_id,
           allocation_method,
           min(allocation_confidence) AS allocation_confidence,
           sum(records) AS records,
           sum(cost_usd) AS cost_usd,
           sum(usage_usd) AS usage_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, cluster_id, allocation_method
) AS resource
GROUP BY allocation_method
ORDER BY 5 DESC, 1
