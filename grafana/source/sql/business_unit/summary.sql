WITH resource AS (
    SELECT organization_id,
           env_id,
           cluster_id,
           sum(usage_usd) AS usage_usd,
           sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id, cluster_id
),
day AS (
    SELECT charge_date FROM reporting.resource_costs WHERE {{filter}} GROUP BY charge_date
)
SELECT sum(usage_usd) AS "Total spend",
       count(DISTINCT (organization_id, cluster_id)) FILTER (WHERE cluster_id <> 'none')
           AS "Active clusters",
       count(DISTINCT (organization_id, env_id)) FILTER (WHERE env_id <> 'none')
           AS "Active environments",
       sum(cost_usd) / (SELECT nullif(count(*), 0) FROM day) AS "Average daily cost"
FROM resource
