SELECT coalesce(environment.name, env_id) AS "Environment",
       coalesce(cluster.name, cluster_id) AS "Resource",
       product AS "Product",
       cost_usd AS "Total cost",
       cost_usd / (24 * days) AS "Avg hourly",
       days AS "Days active",
       100 * cost_usd / nullif(sum(cost_usd) OVER (), 0) AS "Share",
       cluster_id AS "Resource id",
       env_id AS "Environment id"
FROM (
    SELECT organization_id,
           env_id,
           cluster_id,
           product,
           sum(cost_usd) AS cost_usd,
           count(DISTINCT charge_date) AS days
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id, cluster_id, product
) AS cost
LEFT JOIN reporting.environments AS environment USING (organization_id, env_id)
LEFT JOIN (SELECT organization_id, cluster_id, name FROM reporting.clusters) AS cluster
    USING (organization_id, cluster_id)
ORDER BY cost_usd DESC, cluster_id, product
