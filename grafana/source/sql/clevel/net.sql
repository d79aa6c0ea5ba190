SELECT sum(cost_usd) AS "Net cost"
FROM reporting.daily_costs
WHERE {{filter}}
