SELECT CASE WHEN name = cost_center THEN name ELSE cost_center || ' ' || name END AS __text,
       cost_center AS __value
FROM reporting.cost_centers
ORDER BY cost_center = 'Unallocated', 2
