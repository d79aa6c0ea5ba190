SELECT sum(credits_usd) AS "Total credits"
FROM reporting.resource_costs
WHERE {{filter}}
