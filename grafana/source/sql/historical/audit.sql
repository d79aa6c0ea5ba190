SELECT charge_date AS "Day",
       product AS "Product",
       sum(records) AS "Records",
       sum(cost_usd) AS "Total",
       sum(cost_usd) / 24 AS "Avg hourly",
       min(cost_usd) AS "Min",
       max(cost_usd) AS "Max",
       CASE WHEN bool_or(is_provisional) THEN 'Provisional' ELSE 'Settled' END AS "State"
FROM reporting.daily_costs
LEFT JOIN (
    SELECT organization_id, charge_date, is_provisional FROM reporting.days
) AS day USING (organization_id, charge_date)
WHERE {{filter}}
GROUP BY charge_date, product
ORDER BY charge_date DESC, 4 DESC, product
