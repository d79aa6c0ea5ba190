SELECT CASE WHEN min(name) IN (cluster_id, 'No resource') THEN min(name)
            ELSE min(name) || ' (' || cluster_id || ')' END AS __text,
       cluster_id AS __value
FROM (
    SELECT name, cluster_id FROM reporting.clusters WHERE organization_id IN (${org:sqlstring})
    UNION ALL SELECT 'No resource', 'none'
) AS resource
GROUP BY cluster_id
ORDER BY cluster_id = 'none', 1
