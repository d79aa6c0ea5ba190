SELECT coalesce(cluster.name, cluster_id) AS "Cluster",
       resource_type AS "Type",
       coalesce(environment.name, env_id) AS "Environment",
       product AS "Product",
       cost_usd AS "Total",
       cost_usd / days AS "Avg daily",
       days AS "Days active",
       last_day AS "Last charge",
       cluster_id AS "Resource id"
FROM (
    SELECT organization_id,
           env_id,
           cluster_id,
           product,
           sum(cost_usd) AS cost_usd,
           count(DISTINCT charge_date) AS days,
           max(charge_date) AS last_day
    FROM reporting.resource_costs
    WHERE {{filter}}
      AND cluster_id <> 'none'
    GROUP BY organization_id, env_id, cluster_id, product
) AS cost
LEFT JOIN (
    SELECT organization_id, cluster_id, name, resource_type FROM reporting.clusters
) AS cluster USING (organization_id, cluster_id)
LEFT JOIN reporting.environments AS environment USING (organization_id, env_id)
ORDER BY cost_usd DESC, cluster_id, product
