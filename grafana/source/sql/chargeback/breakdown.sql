SELECT sum(cost_usd) AS "Total cost", sum(usage_usd) AS "Usage", sum(credits_usd) AS "Credits"
FROM reporting.resource_costs
WHERE {{filter}}
