"""Which rule or policy decides on each bill line.

The most specific rule wins: resource, its Kafka cluster, name pattern or tag, environment,
organization; then the rule that names the line type or product; then the higher priority; then
the older rule. A line that names no resource and no environment follows the policy of its line
type, unless a rule names that line type.
"""

CREATE = """
    CREATE TEMPORARY TABLE IF NOT EXISTS lines_at_work (
        id bigint, day date, product text, line_type text, resource_id text, resource_name text,
        env_id text, amount numeric, list_amount numeric
    );
    CREATE TEMPORARY TABLE IF NOT EXISTS decided_lines (
        line_item_id bigint, day date, amount numeric, list_amount numeric,
        rule_id bigint, policy_id bigint, method text
    );
    TRUNCATE lines_at_work, decided_lines;
"""

# What people see in a fact is what a rule can name. A line without a product is labelled by its
# line type, so that no group loses it.
PRODUCT = "coalesce(nullif(line.product, ''), nullif(line.line_type, ''), 'UNKNOWN')"
LINE_TYPE = "coalesce(nullif(line.line_type, ''), 'UNKNOWN')"

# {scope}: which lines. Copied and counted first: what the planner knows of a table is older than
# the day that was just written, and guessing one line where there are thousands costs minutes.
COPY_LINES = f"""
    INSERT INTO lines_at_work
    SELECT line.id, line.day, {PRODUCT}, {LINE_TYPE}, line.resource_id, line.billed_name,
           line.env_id, line.amount, line.list_amount
    FROM cost_line_items AS line
    WHERE line.organization_id = %(organization)s AND line.day = ANY (%(days)s::date[])
      AND line.last_version IS NULL AND {{scope}};
    ANALYZE lines_at_work;
"""

SHARED_LINES = """
    shared_line AS (
        SELECT line.id, policy.policy_id,
               coalesce(policy.method, by_default.method) AS policy_method
        FROM lines_at_work AS line
        LEFT JOIN policies_at_work AS policy
          ON policy.line_type = line.line_type AND policy.valid_from <= line.day
         AND (policy.valid_to IS NULL OR policy.valid_to > line.day)
        LEFT JOIN jsonb_each_text(%(default_policies)s) AS by_default (line_type, method)
          ON by_default.line_type = line.line_type
        WHERE line.resource_id = '' AND line.env_id = ''
          AND coalesce(policy.method, by_default.method) IS NOT NULL
    ),
"""

# Rules that select a resource, whatever their dates and the product or line type they name.
# A name is matched once a pattern, not once a line: OFFSET 0 keeps the pattern compiled.
CANDIDATES = """
    resource AS MATERIALIZED (
        SELECT DISTINCT line.day, line.resource_id, line.resource_name, line.env_id,
               cluster.parent_cluster_id, cluster.id AS cluster_pk
        FROM lines_at_work AS line
        LEFT JOIN dimensions_clusters AS cluster
          ON cluster.organization_id = %(organization)s AND cluster.cluster_id = line.resource_id
    ),
    matched_name AS MATERIALIZED (
        SELECT rule.rule_id, named.resource_name
        FROM rules_at_work AS rule
        CROSS JOIN LATERAL (
            SELECT resource_name
            FROM (SELECT DISTINCT resource_name FROM resource WHERE resource_id <> '') AS name
            WHERE name.resource_name ~ rule.name_pattern
            OFFSET 0
        ) AS named
        WHERE rule.selector = 'pattern'
    ),
    selected AS (
        SELECT resource.*, rule.rule_id, 1 AS specificity, 'cluster_rule' AS method
        FROM resource JOIN rules_at_work AS rule
          ON rule.selector = 'cluster' AND rule.cluster_id = resource.resource_id
        UNION ALL
        SELECT resource.*, rule.rule_id, 2, 'parent_cluster_rule'
        FROM resource JOIN rules_at_work AS rule
          ON rule.selector = 'cluster' AND rule.cluster_id = resource.parent_cluster_id
        UNION ALL
        SELECT resource.*, matched_name.rule_id, 3, 'pattern_rule'
        FROM resource JOIN matched_name USING (resource_name)
        WHERE resource.resource_id <> ''
        UNION ALL
        SELECT resource.*, rule.rule_id, 3, 'tag_rule'
        FROM resource
        JOIN dimensions_cluster_tags AS tag
          ON tag.cluster_id = resource.cluster_pk AND tag.valid_from <= resource.day
         AND (tag.valid_to IS NULL OR tag.valid_to > resource.day)
        JOIN rules_at_work AS rule
          ON rule.selector = 'tag' AND rule.tag_key = tag.key AND rule.tag_value = tag.value
        UNION ALL
        SELECT resource.*, rule.rule_id, 4, 'environment_rule'
        FROM resource JOIN rules_at_work AS rule
          ON rule.selector = 'environment' AND rule.env_id = resource.env_id
        UNION ALL
        SELECT resource.*, rule.rule_id, 5, 'organization_rule'
        FROM resource JOIN rules_at_work AS rule ON rule.selector = 'organization'
    ),
    candidate AS (
        SELECT selected.*, rule.valid_from, rule.valid_to, rule.product, rule.line_type,
               rule.priority,
               CASE WHEN rule.line_type <> '' THEN 2 ELSE 0 END
               + CASE WHEN rule.product <> '' THEN 1 ELSE 0 END AS narrowness
        FROM selected JOIN rules_at_work AS rule USING (rule_id)
    )
"""

SAME_RESOURCE = """
    candidate.day = line.day AND candidate.resource_id = line.resource_id
    AND candidate.resource_name = line.resource_name AND candidate.env_id = line.env_id
"""
IN_FORCE = """
    candidate.valid_from <= line.day
    AND (candidate.valid_to IS NULL OR candidate.valid_to > line.day)
"""
NAMES_IT = """
    candidate.product IN ('', line.product) AND candidate.line_type IN ('', line.line_type)
"""
BEFORE_POLICY = "(shared_line.id IS NULL OR candidate.line_type <> '')"
RANKING = """
    candidate.specificity, candidate.narrowness DESC, candidate.priority DESC, candidate.rule_id
"""

DECIDE = f"""
    WITH {SHARED_LINES} {CANDIDATES}
    INSERT INTO decided_lines
    SELECT DISTINCT ON (line.id)
           line.id, line.day, line.amount, line.list_amount, candidate.rule_id,
           CASE WHEN candidate.rule_id IS NULL THEN shared_line.policy_id END,
           coalesce(candidate.method, 'shared_' || shared_line.policy_method, 'unallocated')
    FROM lines_at_work AS line
    LEFT JOIN shared_line USING (id)
    LEFT JOIN candidate
      ON {SAME_RESOURCE} AND {IN_FORCE} AND {NAMES_IT} AND {BEFORE_POLICY}
    ORDER BY line.id, {RANKING}
"""
