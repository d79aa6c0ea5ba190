SELECT coalesce(environment.name, env_id) AS "Environment",
       sum(cost_usd) FILTER (WHERE resource_type = 'Kafka') AS "Kafka",
       sum(cost_usd) FILTER (WHERE resource_type = 'Connector') AS "Connectors",
       sum(cost_usd) FILTER (WHERE resource_type = 'Flink') AS "Flink",
       sum(cost_usd) FILTER (WHERE resource_type = 'Schema Registry') AS "Schema Registry",
       sum(cost_usd) FILTER (WHERE resource_type = 'ksqlDB') AS "ksqlDB",
       sum(cost_usd) FILTER (
           WHERE coalesce(resource_type, 'Other')
                 NOT IN ('Kafka', 'Connector', 'Flink', 'Schema Registry', 'ksqlDB')
       ) AS "Other",
       sum(cost_usd) AS "Total",
       count(DISTINCT nullif(cluster_id, 'none')) AS "Active clusters",
       env_id AS "Environment id"
FROM (
    SELECT organization_id, env_id, cluster_id, sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id, cluster_id
) AS cost
LEFT JOIN (
    SELECT organization_id, cluster_id, resource_type FROM reporting.clusters
) AS resource USING (organization_id, cluster_id)
LEFT JOIN reporting.environments AS environment USING (organization_id, env_id)
GROUP BY organization_id, env_id, environment.name
ORDER BY "Total" DESC, 1
