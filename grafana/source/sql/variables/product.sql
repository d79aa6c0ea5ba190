-- Of the chosen days and as many before them, with which they are compared.
WITH billed AS (
    SELECT DISTINCT product
    FROM reporting.resource_costs
    WHERE charge_date BETWEEN $__timeFrom()::date - ($__timeTo()::date - $__timeFrom()::date + 1)
                          AND $__timeTo()::date
      AND organization_id IN (${org:sqlstring})
)
SELECT product AS __text, product AS __value FROM billed
UNION ALL
SELECT 'None in these days', 'none' WHERE NOT EXISTS (SELECT FROM billed)
ORDER BY 1
