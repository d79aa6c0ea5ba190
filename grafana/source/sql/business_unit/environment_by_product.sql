-- Averages over the days that have any of the chosen charges, so that the cells add up.
WITH billed AS (
    SELECT organization_id, env_id, product, charge_date, sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id, product, charge_date
)
SELECT coalesce(name, env_id) AS "Environment",
       sum(daily) FILTER (WHERE product = 'KAFKA') AS "KAFKA",
       sum(daily) FILTER (WHERE product = 'CLUSTER_LINK') AS "CLUSTER_LINK",
       sum(daily) FILTER (WHERE product IN ('CONNECT', 'CUSTOM_CONNECT')) AS "CONNECT",
       sum(daily) FILTER (WHERE product = 'FLINK') AS "FLINK",
       sum(daily) FILTER (WHERE product = 'KSQL') AS "KSQL",
       sum(daily) FILTER (WHERE product = 'STREAM_GOVERNANCE') AS "STREAM_GOVERNANCE",
       sum(daily) FILTER (WHERE product = 'TABLEFLOW') AS "TABLEFLOW",
       sum(daily) FILTER (WHERE product LIKE 'SUPPORT%') AS "SUPPORT",
       sum(daily) FILTER (
           WHERE product NOT IN ('KAFKA', 'CLUSTER_LINK', 'CONNECT', 'CUSTOM_CONNECT', 'FLINK',
                                 'KSQL', 'STREAM_GOVERNANCE', 'TABLEFLOW')
             AND product NOT LIKE 'SUPPORT%'
       ) AS "Others",
       sum(daily) AS "All products",
       count(*) AS "Products",
       env_id AS "Environment id"
FROM (
    SELECT organization_id, env_id, product, sum(cost_usd) / days AS daily
    FROM billed
    CROSS JOIN (SELECT count(DISTINCT charge_date) AS days FROM billed) AS counted
    GROUP BY organization_id, env_id, product, days
) AS cost
LEFT JOIN reporting.environments USING (organization_id, env_id)
GROUP BY organization_id, env_id, name
ORDER BY "All products" DESC, 1
