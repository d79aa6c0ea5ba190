-- The chosen days up to the last settled one against as many days right before them; nothing where
-- those were not collected.
WITH period AS (
    SELECT $__timeFrom()::date AS first_day,
           max(charge_date) AS last_day,
           $__timeFrom()::date - (max(charge_date) - $__timeFrom()::date + 1) AS first_before
    FROM reporting.days
    WHERE NOT is_provisional
      AND $__timeFilter(charge_date)
      AND organization_id IN (${org:sqlstring})
),
collected AS (
    SELECT max(first_day) AS since
    FROM (
        SELECT min(charge_date) AS first_day
        FROM reporting.days
        WHERE organization_id IN (${org:sqlstring})
        GROUP BY organization_id
    ) AS organization
),
cost AS (
    SELECT sum(cost_usd) FILTER (WHERE charge_date >= first_day) AS net,
           sum(cost_usd) FILTER (WHERE charge_date < first_day) AS net_before
    FROM period
    JOIN collected ON collected.since <= first_before
    JOIN reporting.resource_costs ON charge_date BETWEEN first_before AND last_day
    WHERE {{chosen}}
)
SELECT 100 * (net - net_before) / nullif(abs(net_before), 0) AS "Change"
FROM cost
