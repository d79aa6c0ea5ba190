SELECT charge_date::timestamp AT TIME ZONE 'UTC' AS time,
       sum(credits_usd) AS "Credits",
       sum(cost_usd - list_cost_usd) AS "Discounts"
FROM reporting.resource_costs
WHERE {{filter}}
GROUP BY charge_date
ORDER BY time
