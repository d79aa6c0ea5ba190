SELECT 100.0 * coalesce(sum(records) FILTER (WHERE allocation_confidence IN ('high', 'medium')), 0)
           / nullif(sum(records), 0) AS "Data quality"
FROM reporting.resource_costs
WHERE {{filter}}
