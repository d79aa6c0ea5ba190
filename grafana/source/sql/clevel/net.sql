SELECT sum(cost_usd) AS "Net cost"
FROM reporting.resource_costs
WHERE {{filter}}
