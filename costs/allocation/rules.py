"""The rules and policies of some days, copied in one look each.

The steps that follow read the copies: an edit that commits between two of them cannot leave a
line without its targets.
"""

CREATE = """
    CREATE TEMPORARY TABLE IF NOT EXISTS rules_at_work (
        rule_id bigint, selector text, cluster_id text, env_id text, name_pattern text,
        tag_key text, tag_value text, product text, line_type text, priority integer,
        valid_from date, valid_to date, cost_centers text[], percents numeric[]
    );
    CREATE TEMPORARY TABLE IF NOT EXISTS policies_at_work (
        policy_id bigint, line_type text, method text, valid_from date, valid_to date,
        cost_centers text[], percents numeric[]
    );
    TRUNCATE rules_at_work, policies_at_work;
"""

# Cost centers in the order of their codes' bytes, the same on every server: ties of a split are
# broken by it.
COPY_RULES = """
    INSERT INTO rules_at_work
    SELECT rule.id, rule.selector, cluster.cluster_id, environment.env_id, rule.name_pattern,
           rule.tag_key, rule.tag_value, rule.product, rule.line_type, rule.priority,
           rule.valid_from, rule.valid_to,
           array_agg(center.code::text ORDER BY center.code COLLATE "C"),
           array_agg(target.percent ORDER BY center.code COLLATE "C")
    FROM allocation_rules AS rule
    JOIN allocation_targets AS target ON target.rule_id = rule.id
    JOIN dimensions_cost_centers AS center ON center.id = target.cost_center_id
    LEFT JOIN dimensions_clusters AS cluster ON cluster.id = rule.cluster_id
    LEFT JOIN dimensions_envs AS environment ON environment.id = rule.environment_id
    WHERE rule.organization_id = %(organization)s
      AND rule.valid_from <= %(last)s AND (rule.valid_to IS NULL OR rule.valid_to > %(first)s)
    GROUP BY rule.id, cluster.id, environment.id
"""

COPY_POLICIES = """
    INSERT INTO policies_at_work
    SELECT policy.id, policy.line_type, policy.method, policy.valid_from, policy.valid_to,
           CASE policy.method
               WHEN 'central' THEN ARRAY[coalesce(central.code::text, %(unallocated)s)]
               ELSE coalesce(
                   array_agg(center.code::text ORDER BY center.code COLLATE "C")
                       FILTER (WHERE center.code IS NOT NULL), '{}')
           END,
           CASE policy.method
               WHEN 'central' THEN ARRAY[100]
               ELSE coalesce(
                   array_agg(target.percent ORDER BY center.code COLLATE "C")
                       FILTER (WHERE center.code IS NOT NULL), '{}')
           END
    FROM shared_cost_policies AS policy
    LEFT JOIN dimensions_cost_centers AS central ON central.id = policy.cost_center_id
    LEFT JOIN shared_cost_targets AS target ON target.policy_id = policy.id
    LEFT JOIN dimensions_cost_centers AS center ON center.id = target.cost_center_id
    WHERE policy.organization_id = %(organization)s
      AND policy.valid_from <= %(last)s AND (policy.valid_to IS NULL OR policy.valid_to > %(first)s)
    GROUP BY policy.id, central.code
"""
