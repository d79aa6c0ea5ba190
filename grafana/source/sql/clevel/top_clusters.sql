SELECT coalesce(name, cluster_id) AS "Cluster", cost_usd AS "Net cost"
FROM (
    SELECT organization_id, cluster_id, sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
      AND cluster_id <> 'none'
    GROUP BY organization_id, cluster_id
    ORDER BY 3 DESC, 2
    LIMIT 10
) AS cost
LEFT JOIN (SELECT organization_id, cluster_id, name FROM reporting.clusters) AS cluster
    USING (organization_id, cluster_id)
ORDER BY 2 DESC, 1
