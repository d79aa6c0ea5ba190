WITH resource AS (
    SELECT organization_id,
           env_id,
           cluster_id,
           min(org_id) AS org_id,
           sum(usage_usd) AS usage_usd,
           sum(credits_usd) AS credits_usd,
           sum(cost_usd) AS cost_usd,
           sum(usage_usd) FILTER (WHERE cost_center <> 'Unallocated') AS allocated_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id, cluster_id
),
cost AS (
    SELECT organization_id,
           min(org_id) AS org_id,
           sum(usage_usd) AS spend,
           sum(credits_usd) AS credits,
           sum(cost_usd) AS net,
           coalesce(sum(allocated_usd), 0) AS allocated,
           count(DISTINCT nullif(cluster_id, 'none')) AS clusters,
           count(DISTINCT nullif(env_id, 'none')) AS environments
    FROM resource
    GROUP BY organization_id
),
active AS (
    SELECT organization_id, count(*) AS days
    FROM (
        SELECT organization_id
        FROM reporting.resource_costs
        WHERE {{filter}}
        GROUP BY organization_id, charge_date
    ) AS day
    GROUP BY organization_id
)
SELECT coalesce(name, cost.org_id) AS "Organization",
       spend AS "Total spend",
       credits AS "Credits",
       net AS "Net cost",
       100 * allocated / nullif(spend, 0) AS "Allocated",
       clusters AS "Active clusters",
       environments AS "Active environments",
       days AS "Active days",
       data_through AS "Data through",
       organization_id::text AS "Organization key"
FROM cost
JOIN active USING (organization_id)
LEFT JOIN reporting.organizations USING (organization_id)
ORDER BY net DESC, 1
