WITH ranked AS (
    SELECT organization_id,
           cluster_id,
           sum(cost_usd) AS cost_usd,
           row_number() OVER (ORDER BY sum(cost_usd) DESC, cluster_id) AS place
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY organization_id, cluster_id
)
SELECT CASE WHEN place < 12 THEN coalesce(name, cluster_id) ELSE 'Others' END AS "Resource",
       sum(cost_usd) AS "Net cost"
FROM ranked
LEFT JOIN (SELECT organization_id, cluster_id, name FROM reporting.clusters) AS named
    USING (organization_id, cluster_id)
GROUP BY least(place, 12), 1
ORDER BY least(place, 12)
