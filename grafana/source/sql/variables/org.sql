SELECT name AS __text, organization_id::text AS __value
FROM reporting.organizations
UNION ALL
SELECT 'None collected yet', '0' WHERE NOT EXISTS (SELECT FROM reporting.organizations)
ORDER BY 1
