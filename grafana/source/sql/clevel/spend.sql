SELECT sum(usage_usd) AS "Total spend"
FROM reporting.resource_costs
WHERE {{filter}}
