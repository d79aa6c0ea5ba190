SELECT 100 * coalesce(sum(usage_usd) FILTER (WHERE cost_center <> 'Unallocated'), 0)
           / nullif(sum(usage_usd), 0) AS "Allocated"
FROM reporting.resource_costs
WHERE {{filter}}
