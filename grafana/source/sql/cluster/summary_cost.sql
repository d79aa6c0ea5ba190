SELECT sum(cost_usd) AS "Total cluster cost"
FROM reporting.resource_costs
WHERE {{filter}}
  AND cluster_id <> 'none'
