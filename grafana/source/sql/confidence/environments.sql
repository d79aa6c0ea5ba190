SELECT coalesce(name, env_id) AS "Environment",
       high AS "High",
       medium AS "Medium",
       low AS "Low",
       high + medium + low AS "Records",
       100.0 * (high + medium) / nullif(high + medium + low, 0) AS "Quality",
       cost_usd AS "Net cost",
       env_id AS "Environment id"
FROM (
    SELECT organization_id,
           env_id,
           coalesce(sum(records) FILTER (WHERE allocation_confidence = 'high'), 0) AS high,
           coalesce(sum(records) FILTER (WHERE allocation_confidence = 'medium'), 0) AS medium,
           coalesce(sum(records) FILTER (WHERE allocation_confidence = 'low'), 0) AS low,
           sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id
) AS cost
LEFT JOIN reporting.environments USING (organization_id, env_id)
ORDER BY 6, 1
