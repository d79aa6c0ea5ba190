SELECT nullif(sum(records), 0) AS "Records"
FROM reporting.resource_costs
WHERE {{filter}}
