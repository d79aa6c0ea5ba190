SELECT coalesce(stage, 'Stage not said') AS "Stage", sum(usage_usd) AS "Usage"
FROM (
    SELECT organization_id, env_id, sum(usage_usd) AS usage_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id
) AS cost
LEFT JOIN reporting.environments USING (organization_id, env_id)
GROUP BY 1
HAVING sum(usage_usd) > 0
ORDER BY 2 DESC, 1
