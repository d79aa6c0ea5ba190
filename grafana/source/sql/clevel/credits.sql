SELECT sum(credits_usd) AS "Total credits"
FROM reporting.daily_costs
WHERE {{filter}}
