SELECT initcap(allocation_confidence) AS "Confidence", sum(cost_usd) AS "Net cost"
FROM reporting.resource_costs
WHERE {{filter}}
GROUP BY allocation_confidence
ORDER BY array_position(ARRAY['high', 'medium', 'low'], allocation_confidence)
