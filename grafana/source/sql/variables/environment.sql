-- "none" is always there: charges that name no environment, and no empty list before the first bill.
SELECT min(name) AS __text, env_id AS __value
FROM (
    SELECT name, env_id FROM reporting.environments WHERE organization_id IN (${org:sqlstring})
    UNION ALL SELECT 'No environment', 'none'
) AS environment
GROUP BY env_id
ORDER BY env_id = 'none', 1
