WITH ranked AS (
    SELECT organization_id,
           env_id,
           sum(cost_usd) AS cost_usd,
           row_number() OVER (ORDER BY sum(cost_usd) DESC, env_id) AS place
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id
)
SELECT CASE WHEN place < 12 THEN coalesce(name, env_id) ELSE 'Others' END AS "Environment",
       sum(cost_usd) AS "Net cost"
FROM ranked
LEFT JOIN (SELECT organization_id, env_id, name FROM reporting.environments) AS named
    USING (organization_id, env_id)
GROUP BY least(place, 12), 1
ORDER BY least(place, 12)
