SELECT count(*) AS "Active clusters"
FROM (
    SELECT FROM reporting.resource_costs
    WHERE {{filter}}
      AND cluster_id <> 'none'
    GROUP BY organization_id, cluster_id
) AS cluster
