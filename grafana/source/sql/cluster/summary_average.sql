SELECT avg(cost_usd) AS "Average daily cost"
FROM (
    SELECT sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
      AND cluster_id <> 'none'
    GROUP BY organization_id, cluster_id, charge_date
) AS cost
