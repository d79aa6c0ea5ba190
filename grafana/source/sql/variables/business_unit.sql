SELECT name AS __text, business_unit AS __value
FROM reporting.business_units
ORDER BY business_unit = 'Unallocated', 1
