WITH ranked AS (
    SELECT organization_id,
           env_id,
           sum(usage_usd) AS usage_usd,
           row_number() OVER (ORDER BY sum(usage_usd) DESC, env_id) AS place
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, env_id
)
SELECT CASE WHEN place < 10 THEN coalesce(name, env_id) ELSE 'Others' END AS "Environment",
       sum(usage_usd) AS "Usage"
FROM ranked
LEFT JOIN reporting.environments USING (organization_id, env_id)
WHERE usage_usd > 0
GROUP BY least(place, 10), 1
ORDER BY least(place, 10)
