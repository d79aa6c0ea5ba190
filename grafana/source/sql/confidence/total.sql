SELECT nullif(sum(records), 0) AS "Records"
FROM reporting.daily_costs
WHERE {{filter}}
