"""Make the stored facts equal to the shares: only what differs is written.

A fact whose amount stays is relabelled in place, so hours move only when amounts do.
"""

CREATE = """
    CREATE TEMPORARY TABLE IF NOT EXISTS fact_changes (
        fact_id bigint, old_business_unit text, old_cost_center text, old_method text,
        old_confidence text, old_cost_usd numeric, old_list_cost_usd numeric,
        line_item_id bigint, day date, env_id text, cluster_id text, product text, line_type text,
        business_unit text, cost_center text, method text, confidence text, rule_id bigint,
        policy_id bigint, cost_usd numeric, list_cost_usd numeric, names_nobody boolean
    );
    TRUNCATE fact_changes;
"""

# Equal shares of a line are numbered, so that two equal facts meet two and not one.
# In a narrow scope only the facts of decided lines are compared, each found by its line.
COMPARE = """
    WITH desired AS (
        SELECT share.*, coalesce(unit.code, %(unallocated)s) AS business_unit,
               nullif(line.env_id, '') AS env_id, nullif(line.resource_id, '') AS cluster_id,
               line.product, line.line_type,
               %(confidence)s::jsonb ->> share.method AS confidence,
               row_number() OVER (
                   PARTITION BY line_item_id, cost_usd, list_cost_usd ORDER BY cost_center
               ) AS nth
        FROM shares AS share
        JOIN lines_at_work AS line ON line.id = share.line_item_id
        LEFT JOIN dimensions_cost_centers AS center ON center.code = share.cost_center
        LEFT JOIN dimensions_cost_center_placements AS placement
          ON placement.cost_center_id = center.id AND placement.valid_from <= share.day
         AND (placement.valid_to IS NULL OR placement.valid_to > share.day)
        LEFT JOIN dimensions_business_units AS unit ON unit.id = placement.business_unit_id
    ),
    stored AS (
        SELECT fact.*, row_number() OVER (
                   PARTITION BY line_item_id, cost_usd, list_cost_usd ORDER BY cost_center, id
               ) AS nth
        FROM ({stored}) AS fact
    )
    INSERT INTO fact_changes
    SELECT stored.id, stored.business_unit, stored.cost_center, stored.allocation_method,
           stored.allocation_confidence, stored.cost_usd, stored.list_cost_usd,
           desired.line_item_id, coalesce(desired.day, stored.charge_date),
           coalesce(desired.env_id, stored.env_id), coalesce(desired.cluster_id, stored.cluster_id),
           coalesce(desired.product, stored.product), desired.line_type,
           desired.business_unit, desired.cost_center, desired.method, desired.confidence,
           desired.rule_id, desired.policy_id, desired.cost_usd, desired.list_cost_usd,
           coalesce(desired.env_id, desired.cluster_id, stored.env_id, stored.cluster_id) IS NULL
    FROM desired
    FULL JOIN stored
      ON stored.line_item_id = desired.line_item_id AND stored.cost_usd = desired.cost_usd
     AND stored.list_cost_usd = desired.list_cost_usd AND stored.nth = desired.nth
    WHERE (stored.business_unit, stored.cost_center, stored.allocation_method,
           stored.allocation_confidence, stored.rule_id, stored.policy_id)
          IS DISTINCT FROM
          (desired.business_unit, desired.cost_center, desired.method,
           desired.confidence, desired.rule_id, desired.policy_id)
       OR stored.id IS NULL OR desired.line_item_id IS NULL
"""

STORED_OF_DAYS = """
    SELECT * FROM daily_cost_facts
    WHERE organization_id = %(organization)s AND charge_date = ANY (%(days)s::date[])
"""
STORED_OF_LINES = """
    SELECT fact.* FROM decided_lines AS line
    JOIN daily_cost_facts AS fact
      ON fact.organization_id = %(organization)s AND fact.line_item_id = line.line_item_id
"""

REMOVE = """
    WITH obsolete AS (
        DELETE FROM daily_cost_facts AS fact
        USING fact_changes AS change
        WHERE fact.organization_id = %(organization)s AND fact.id = change.fact_id
          AND change.line_item_id IS NULL
        RETURNING fact.id
    )
    DELETE FROM hourly_costs AS hour
    USING obsolete
    WHERE hour.organization_id = %(organization)s AND hour.daily_cost_fact_id = obsolete.id
      AND hour."timestamp" >= %(first)s::timestamp AT TIME ZONE 'UTC'
      AND hour."timestamp" < (%(last)s::timestamp + interval '1 day') AT TIME ZONE 'UTC'
"""

RELABEL = """
    UPDATE daily_cost_facts AS fact
    SET business_unit = change.business_unit, cost_center = change.cost_center,
        allocation_method = change.method, allocation_confidence = change.confidence,
        rule_id = change.rule_id, policy_id = change.policy_id
    FROM fact_changes AS change
    WHERE fact.organization_id = %(organization)s AND fact.id = change.fact_id
      AND change.line_item_id IS NOT NULL
"""

# Of an archived month no hours are written; its days have daily facts only.
ADD = """
    WITH fact AS (
        INSERT INTO daily_cost_facts (
            organization_id, org_id, charge_date, line_item_id, env_id, cluster_id,
            product, line_type, business_unit, cost_center, allocation_confidence,
            allocation_method, rule_id, policy_id, cost_usd, list_cost_usd
        )
        SELECT organization.id, organization.org_id, day, line_item_id, env_id, cluster_id,
               product, line_type, business_unit, cost_center, confidence,
               method, rule_id, policy_id, cost_usd, list_cost_usd
        FROM fact_changes
        JOIN dimensions_orgs AS organization ON organization.id = %(organization)s
        WHERE fact_id IS NULL
        ORDER BY day, line_item_id, cost_center
        RETURNING organization_id, id, charge_date, cost_usd
    )
    INSERT INTO hourly_costs ("timestamp", daily_cost_fact_id, organization_id, cost_usd)
    SELECT (fact.charge_date + hour.part * interval '1 hour') AT TIME ZONE 'UTC',
           fact.id, fact.organization_id, hour.share
    FROM fact, split_evenly(fact.cost_usd, %(hours)s) AS hour
    WHERE date_trunc('month', fact.charge_date)::date
          <> ALL (ARRAY(SELECT DISTINCT month FROM archived_hours))
"""

SUM_BY_OWNER = """
    INSERT INTO daily_owner_costs AS known
        (organization_id, charge_date, business_unit, cost_center, names_nobody, facts, cost_usd)
    SELECT %(organization)s, day, business_unit, cost_center, names_nobody,
           sum(count), sum(cost_usd)
    FROM (
        SELECT day, business_unit, cost_center, names_nobody, 1 AS count, cost_usd
        FROM fact_changes WHERE line_item_id IS NOT NULL
        UNION ALL
        SELECT day, old_business_unit, old_cost_center, names_nobody, -1, -old_cost_usd
        FROM fact_changes WHERE fact_id IS NOT NULL
    ) AS change
    GROUP BY day, business_unit, cost_center, names_nobody
    ON CONFLICT (organization_id, charge_date, business_unit, cost_center, names_nobody) DO UPDATE
    SET facts = known.facts + excluded.facts, cost_usd = known.cost_usd + excluded.cost_usd;
    DELETE FROM daily_owner_costs
    WHERE organization_id = %(organization)s AND charge_date = ANY (%(days)s::date[]) AND facts = 0
"""

SUM_BY_RESOURCE = """
    INSERT INTO daily_resource_costs AS known (
        organization_id, org_id, charge_date, env_id, cluster_id, product, business_unit,
        cost_center, allocation_confidence, allocation_method, facts, cost_usd, usage_usd,
        credits_usd, list_cost_usd
    )
    SELECT organization.id, organization.org_id, day, env_id, cluster_id, product, business_unit,
           cost_center, confidence, method, sum(count), sum(count * cost_usd),
           sum(count * greatest(cost_usd, 0)), sum(count * least(cost_usd, 0)),
           sum(count * list_cost_usd)
    FROM (
        SELECT day, env_id, cluster_id, product, business_unit, cost_center, confidence, method,
               1 AS count, cost_usd, list_cost_usd
        FROM fact_changes WHERE line_item_id IS NOT NULL
        UNION ALL
        SELECT day, env_id, cluster_id, product, old_business_unit, old_cost_center, old_confidence,
               old_method, -1, old_cost_usd, old_list_cost_usd
        FROM fact_changes WHERE fact_id IS NOT NULL
    ) AS change
    JOIN dimensions_orgs AS organization ON organization.id = %(organization)s
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ORDER BY day, cluster_id
    ON CONFLICT (organization_id, charge_date, labels_hash) DO UPDATE
    SET facts = known.facts + excluded.facts, cost_usd = known.cost_usd + excluded.cost_usd,
        usage_usd = known.usage_usd + excluded.usage_usd,
        credits_usd = known.credits_usd + excluded.credits_usd,
        list_cost_usd = known.list_cost_usd + excluded.list_cost_usd;
    DELETE FROM daily_resource_costs
    WHERE organization_id = %(organization)s AND charge_date = ANY (%(days)s::date[]) AND facts = 0
"""

STAMP = """
    UPDATE billing_days SET rules_revision = %(revision)s
    WHERE organization_id = %(organization)s AND day = ANY (%(days)s::date[])
      AND rules_revision <> %(revision)s
"""
