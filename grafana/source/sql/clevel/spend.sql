SELECT sum(usage_usd) AS "Total spend"
FROM reporting.daily_costs
WHERE {{filter}}
