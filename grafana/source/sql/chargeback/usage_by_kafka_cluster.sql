WITH ranked AS (
    SELECT organization_id,
           cluster_id,
           sum(usage_usd) AS usage_usd,
           row_number() OVER (ORDER BY sum(usage_usd) DESC, cluster_id) AS place
    FROM reporting.resource_costs
    WHERE {{filter}}
      AND cluster_id LIKE 'lkc-%'
    GROUP BY organization_id, cluster_id
)
SELECT CASE WHEN place < 10 THEN coalesce(name, cluster_id) ELSE 'Others' END AS "Kafka cluster",
       sum(usage_usd) AS "Usage"
FROM ranked
LEFT JOIN (SELECT organization_id, cluster_id, name FROM reporting.clusters) AS cluster
    USING (organization_id, cluster_id)
WHERE usage_usd > 0
GROUP BY least(place, 10), 1
ORDER BY least(place, 10)
