SELECT sum(CASE WHEN cost_center = 'Unallocated' THEN cost_usd ELSE 0 END) AS "Unallocated",
       100 * sum(CASE WHEN cost_center = 'Unallocated' THEN usage_usd ELSE 0 END)
           / nullif(sum(usage_usd), 0) AS "Of the usage"
FROM reporting.resource_costs
WHERE {{filter}}
