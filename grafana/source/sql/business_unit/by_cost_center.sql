SELECT coalesce(unit.name, business_unit) AS "Business unit",
       cost_center AS "Cost center",
       coalesce(center.name, cost_center) AS "Name",
       usage_usd AS "Usage",
       credits_usd AS "Credits",
       cost_usd AS "Net cost",
       100 * usage_usd / nullif(sum(usage_usd) OVER (), 0) AS "Share of usage",
       business_unit AS "Unit's code"
FROM (
    SELECT business_unit,
           cost_center,
           sum(usage_usd) AS usage_usd,
           sum(credits_usd) AS credits_usd,
           sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY business_unit, cost_center
) AS cost
LEFT JOIN reporting.business_units AS unit USING (business_unit)
LEFT JOIN reporting.cost_centers AS center USING (cost_center)
ORDER BY cost_center = 'Unallocated', cost_usd DESC, 1, 2
