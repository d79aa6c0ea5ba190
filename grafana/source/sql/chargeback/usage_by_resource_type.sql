SELECT coalesce(resource_type, 'Other') AS "Resource type", sum(usage_usd) AS "Usage"
FROM (
    SELECT organization_id, cluster_id, sum(usage_usd) AS usage_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, cluster_id
) AS cost
LEFT JOIN (SELECT organization_id, cluster_id, resource_type FROM reporting.clusters) AS cluster
    USING (organization_id, cluster_id)
GROUP BY 1
HAVING sum(usage_usd) > 0
ORDER BY 2 DESC, 1
