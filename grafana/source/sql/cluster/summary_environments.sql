SELECT count(*) AS "Active environments"
FROM (
    SELECT FROM reporting.resource_costs
    WHERE {{filter}}
      AND cluster_id <> 'none'
      AND env_id <> 'none'
    GROUP BY organization_id, env_id
) AS environment
