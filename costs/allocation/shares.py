"""What each cost center owes of each decided line; the shares of a line are its amount, exactly."""

CREATE = """
    CREATE TEMPORARY TABLE IF NOT EXISTS shares (
        line_item_id bigint, day date, cost_center text, method text, rule_id bigint,
        policy_id bigint, cost_usd numeric(20, 10), list_cost_usd numeric(20, 10)
    );
    TRUNCATE shares;
"""

SHARE_DIRECT = """
    INSERT INTO shares
    SELECT line.line_item_id, line.day, coalesce(rule.cost_centers[1], %(unallocated)s),
           line.method, line.rule_id, line.policy_id, line.amount, line.list_amount
    FROM decided_lines AS line LEFT JOIN rules_at_work AS rule USING (rule_id)
    WHERE line.method NOT LIKE 'shared_%%' AND coalesce(cardinality(rule.cost_centers), 1) = 1
    UNION ALL
    SELECT line.line_item_id, line.day, rule.cost_centers[cost.part],
           line.method, line.rule_id, line.policy_id, cost.share, list_cost.share
    FROM decided_lines AS line
    JOIN rules_at_work AS rule USING (rule_id)
    CROSS JOIN split_by_weights(line.amount, rule.percents) AS cost
    JOIN split_by_weights(line.list_amount, rule.percents) AS list_cost USING (part)
    WHERE cardinality(rule.cost_centers) > 1
"""

# The direct cost of the day: what was just decided, and what the lines out of scope came to: the
# day's sums less the facts of the decided lines (those that name nobody are all decided).
# A base of nothing falls back to even shares, and without any cost center to Unallocated.
SHARE_SHARED = """
    WITH shared_line AS (
        SELECT * FROM decided_lines WHERE method LIKE 'shared_%%'
    ),
    charge AS (
        SELECT day, cost_center, 1 AS facts, cost_usd FROM shares
        UNION ALL
        SELECT charge_date, cost_center, facts, cost_usd
        FROM daily_owner_costs
        WHERE NOT %(is_wide)s AND NOT names_nobody
          AND organization_id = %(organization)s AND charge_date = ANY (%(days)s::date[])
        UNION ALL
        SELECT fact.charge_date, fact.cost_center, -1, -fact.cost_usd
        FROM decided_lines AS line
        JOIN daily_cost_facts AS fact
          ON fact.organization_id = %(organization)s AND fact.line_item_id = line.line_item_id
        WHERE NOT %(is_wide)s AND (fact.cluster_id IS NOT NULL OR fact.env_id IS NOT NULL)
    ),
    direct AS (
        SELECT day, cost_center, greatest(sum(cost_usd), 0) AS weight
        FROM charge
        GROUP BY day, cost_center
        HAVING sum(facts) > 0
    ),
    base AS (
        SELECT day,
               array_agg(cost_center ORDER BY cost_center COLLATE "C") FILTER (WHERE weight > 0)
                   AS payers,
               array_agg(weight ORDER BY cost_center COLLATE "C") FILTER (WHERE weight > 0)
                   AS weights,
               array_agg(cost_center ORDER BY cost_center COLLATE "C")
                   FILTER (WHERE cost_center <> %(unallocated)s) AS named
        FROM direct
        GROUP BY day
    ),
    resolved AS (
        SELECT line.*, policy.cost_centers AS fixed, policy.percents, base.payers, base.weights,
               base.named,
               CASE
                   WHEN line.method = 'shared_proportional' AND payers IS NOT NULL
                       THEN 'shared_proportional'
                   WHEN line.method IN ('shared_proportional', 'shared_even')
                       THEN CASE WHEN named IS NULL THEN 'unallocated' ELSE 'shared_even' END
                   ELSE line.method
               END AS shared_by
        FROM shared_line AS line
        LEFT JOIN policies_at_work AS policy USING (policy_id)
        LEFT JOIN base USING (day)
    ),
    claim AS (
        SELECT *,
               CASE shared_by
                   WHEN 'shared_proportional' THEN payers
                   WHEN 'shared_even' THEN named
                   WHEN 'unallocated' THEN ARRAY[%(unallocated)s]
                   ELSE coalesce(nullif(fixed, '{}'), ARRAY[%(unallocated)s])
               END AS cost_centers,
               CASE shared_by
                   WHEN 'shared_proportional' THEN weights
                   WHEN 'shared_even' THEN array_fill(1::numeric, ARRAY[cardinality(named)])
                   WHEN 'unallocated' THEN ARRAY[1::numeric]
                   ELSE coalesce(nullif(percents, '{}'), ARRAY[1::numeric])
               END AS claims
        FROM resolved
    )
    INSERT INTO shares
    SELECT claim.line_item_id, claim.day, claim.cost_centers[cost.part], claim.shared_by,
           NULL, claim.policy_id, cost.share, list_cost.share
    FROM claim
    CROSS JOIN split_by_weights(claim.amount, claim.claims) AS cost
    JOIN split_by_weights(claim.list_amount, claim.claims) AS list_cost USING (part)
"""
