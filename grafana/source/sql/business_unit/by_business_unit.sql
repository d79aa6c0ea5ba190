SELECT coalesce(name, business_unit) AS "Business unit",
       usage_usd AS "Usage",
       credits_usd AS "Credits",
       cost_usd AS "Net cost",
       100 * usage_usd / nullif(sum(usage_usd) OVER (), 0) AS "Share of usage",
       business_unit AS "Code"
FROM (
    SELECT business_unit,
           sum(usage_usd) AS usage_usd,
           sum(credits_usd) AS credits_usd,
           sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY business_unit
) AS cost
LEFT JOIN reporting.business_units USING (business_unit)
ORDER BY business_unit = 'Unallocated', cost_usd DESC, 1
