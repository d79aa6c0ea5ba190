SELECT coalesce(name, business_unit) AS "Business unit", cost_usd AS "Net cost"
FROM (
    SELECT business_unit, sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY business_unit
) AS cost
LEFT JOIN reporting.business_units USING (business_unit)
ORDER BY 2 DESC, 1
