SELECT charge_date::timestamp AT TIME ZONE 'UTC' AS time,
       sum(records) FILTER (WHERE allocation_confidence = 'high') AS "High",
       sum(records) FILTER (WHERE allocation_confidence = 'medium') AS "Medium",
       sum(records) FILTER (WHERE allocation_confidence = 'low') AS "Low"
FROM reporting.resource_costs
WHERE {{filter}}
GROUP BY charge_date
ORDER BY time
