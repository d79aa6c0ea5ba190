from django.db import migrations

# Triggers, so that no way of changing who pays (a page, an import, a shell, psql) can forget to
# say so. A rule without targets decides nothing, so what comes and goes with its targets is noted
# by them.
NOTE = """
-- One editor at a time, from the first look at what an edit may move: a higher id is never visible
-- before a lower one, so that a day which was allocated at a revision has seen every change up to
-- it, and of two edits that belong together the later one sees the earlier.
CREATE FUNCTION lock_allocation_changes() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('allocation_changes', 0))
$$;

CREATE FUNCTION note_allocation_change(
    of_organization integer, what text, first_day date, end_day date, is_wide boolean,
    cluster_ids text[] DEFAULT '{}', env_ids text[] DEFAULT '{}',
    name_patterns text[] DEFAULT '{}', cost_centers text[] DEFAULT '{}'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF end_day <= first_day THEN
        RETURN;
    END IF;
    PERFORM lock_allocation_changes();
    INSERT INTO allocation_changes (organization_id, what, first_day, end_day, is_wide,
        cluster_ids, env_ids, name_patterns, cost_centers, changed_at)
    VALUES (of_organization, what, first_day, nullif(end_day, 'infinity'), is_wide,
        cluster_ids, env_ids, name_patterns, cost_centers, clock_timestamp());
END $$;

CREATE FUNCTION note_allocation_rule(
    rule allocation_rules, what text, first_day date, end_day date
) RETURNS void LANGUAGE sql AS $$
    SELECT note_allocation_change(
        rule.organization_id, what, first_day, end_day,
        is_wide => rule.selector = 'organization',
        cluster_ids => CASE rule.selector
            WHEN 'cluster' THEN ARRAY(
                SELECT cluster_id FROM dimensions_clusters WHERE id = rule.cluster_id)
            WHEN 'tag' THEN ARRAY(
                SELECT DISTINCT cluster.cluster_id
                FROM dimensions_cluster_tags AS tag
                JOIN dimensions_clusters AS cluster ON cluster.id = tag.cluster_id
                WHERE cluster.organization_id = rule.organization_id
                  AND tag.key = rule.tag_key AND tag.value = rule.tag_value
                ORDER BY 1)
            ELSE '{}' END,
        env_ids => ARRAY(SELECT env_id FROM dimensions_envs WHERE id = rule.environment_id),
        name_patterns => CASE rule.selector
            WHEN 'pattern' THEN ARRAY[rule.name_pattern::text] ELSE '{}' END
    )
$$;

-- The days on which one of two ranges holds and the other does not (or a little more).
CREATE FUNCTION days_between(old_from date, old_to date, new_from date, new_to date)
RETURNS TABLE (first_day date, end_day date) LANGUAGE sql IMMUTABLE AS $$
    SELECT least(old_from, new_from), greatest(old_from, new_from)
    WHERE old_from <> new_from
    UNION ALL
    SELECT least(coalesce(old_to, 'infinity'), coalesce(new_to, 'infinity')),
           greatest(coalesce(old_to, 'infinity'), coalesce(new_to, 'infinity'))
    WHERE old_to IS DISTINCT FROM new_to
$$;
"""
RULES = """
CREATE FUNCTION allocation_rule_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_allocation_changes();
    IF TG_OP = 'DELETE' THEN
        PERFORM note_allocation_rule(OLD, 'rule deleted', OLD.valid_from, OLD.valid_to);
    ELSIF (OLD.selector_key, OLD.priority) IS DISTINCT FROM (NEW.selector_key, NEW.priority) THEN
        PERFORM note_allocation_rule(OLD, 'rule changed', OLD.valid_from, OLD.valid_to);
        PERFORM note_allocation_rule(NEW, 'rule changed', NEW.valid_from, NEW.valid_to);
    ELSE
        PERFORM note_allocation_rule(NEW, 'dates of a rule changed', days.first_day, days.end_day)
        FROM days_between(OLD.valid_from, OLD.valid_to, NEW.valid_from, NEW.valid_to) AS days;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER allocation_rules_noted AFTER UPDATE OR DELETE ON allocation_rules
    FOR EACH ROW EXECUTE FUNCTION allocation_rule_changed();

CREATE FUNCTION allocation_target_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.rule_id, OLD.cost_center_id, OLD.percent)
        IS NOT DISTINCT FROM (NEW.rule_id, NEW.cost_center_id, NEW.percent) THEN
        RETURN NULL;
    END IF;
    PERFORM lock_allocation_changes();
    PERFORM note_allocation_rule(
        rule, CASE TG_OP WHEN 'INSERT' THEN 'target added' WHEN 'DELETE' THEN 'target removed'
              ELSE 'target changed' END, rule.valid_from, rule.valid_to)
    FROM allocation_rules AS rule
    WHERE rule.id IN ((to_jsonb(OLD) ->> 'rule_id')::bigint, (to_jsonb(NEW) ->> 'rule_id')::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER allocation_targets_noted AFTER INSERT OR UPDATE OR DELETE ON allocation_targets
    FOR EACH ROW EXECUTE FUNCTION allocation_target_changed();

-- A policy moves only charges that name nobody; those are allocated anew with every change.
CREATE FUNCTION shared_cost_policy_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (OLD.organization_id, OLD.line_type, OLD.method, OLD.cost_center_id)
           IS NOT DISTINCT FROM (NEW.organization_id, NEW.line_type, NEW.method, NEW.cost_center_id)
    THEN
        PERFORM note_allocation_change(NEW.organization_id, 'dates of a policy changed',
                                       days.first_day, days.end_day, false)
        FROM days_between(OLD.valid_from, OLD.valid_to, NEW.valid_from, NEW.valid_to) AS days;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM note_allocation_change(OLD.organization_id, 'policy changed',
                                       OLD.valid_from, OLD.valid_to, false);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM note_allocation_change(NEW.organization_id, 'policy changed',
                                       NEW.valid_from, NEW.valid_to, false);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER shared_cost_policies_noted AFTER INSERT OR UPDATE OR DELETE ON shared_cost_policies
    FOR EACH ROW EXECUTE FUNCTION shared_cost_policy_changed();

CREATE FUNCTION shared_cost_target_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_allocation_change(policy.organization_id, 'target of a policy changed',
                                   policy.valid_from, policy.valid_to, false)
    FROM shared_cost_policies AS policy
    WHERE policy.id IN ((to_jsonb(OLD) ->> 'policy_id')::bigint,
                        (to_jsonb(NEW) ->> 'policy_id')::bigint)
      AND to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER shared_cost_targets_noted AFTER INSERT OR UPDATE OR DELETE ON shared_cost_targets
    FOR EACH ROW EXECUTE FUNCTION shared_cost_target_changed();
"""
OWNERS = """
CREATE FUNCTION placement_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    codes text[];
BEGIN
    PERFORM lock_allocation_changes();
    codes := ARRAY(
        SELECT code FROM dimensions_cost_centers
        WHERE id IN ((to_jsonb(OLD) ->> 'cost_center_id')::bigint,
                     (to_jsonb(NEW) ->> 'cost_center_id')::bigint));
    IF TG_OP = 'UPDATE' AND (OLD.cost_center_id, OLD.business_unit_id)
        IS NOT DISTINCT FROM (NEW.cost_center_id, NEW.business_unit_id) THEN
        PERFORM note_allocation_change(NULL, 'dates of a placement changed', days.first_day,
                                       days.end_day, false, cost_centers => codes)
        FROM days_between(OLD.valid_from, OLD.valid_to, NEW.valid_from, NEW.valid_to) AS days;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM note_allocation_change(NULL, 'placement changed', OLD.valid_from, OLD.valid_to,
                                       false, cost_centers => codes);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM note_allocation_change(NULL, 'placement changed', NEW.valid_from, NEW.valid_to,
                                       false, cost_centers => codes);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER dimensions_placements_noted
    AFTER INSERT OR UPDATE OR DELETE ON dimensions_cost_center_placements
    FOR EACH ROW EXECUTE FUNCTION placement_changed();

-- Facts carry codes: a new code is written on every day that carries the old one.
CREATE FUNCTION cost_center_code_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_allocation_change(NULL, 'code of a cost center changed', DATE '0001-01-01', NULL,
                                   false, cost_centers => ARRAY[OLD.code::text]);
    RETURN NULL;
END $$;
CREATE TRIGGER dimensions_cost_centers_noted AFTER UPDATE OF code ON dimensions_cost_centers
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION cost_center_code_changed();

CREATE FUNCTION business_unit_code_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_allocation_changes();
    PERFORM note_allocation_change(NULL, 'code of a business unit changed', DATE '0001-01-01',
        NULL, false, cost_centers => ARRAY(
            SELECT DISTINCT center.code FROM dimensions_cost_center_placements AS placement
            JOIN dimensions_cost_centers AS center ON center.id = placement.cost_center_id
            WHERE placement.business_unit_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER dimensions_business_units_noted AFTER UPDATE OF code ON dimensions_business_units
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION business_unit_code_changed();

CREATE FUNCTION cluster_tag_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM note_allocation_change(organization_id, 'tag changed', OLD.valid_from, OLD.valid_to,
                                       false, cluster_ids => ARRAY[cluster_id])
        FROM dimensions_clusters WHERE id = OLD.cluster_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM note_allocation_change(organization_id, 'tag changed', NEW.valid_from, NEW.valid_to,
                                       false, cluster_ids => ARRAY[cluster_id])
        FROM dimensions_clusters WHERE id = NEW.cluster_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER dimensions_cluster_tags_noted
    AFTER INSERT OR UPDATE OR DELETE ON dimensions_cluster_tags
    FOR EACH ROW EXECUTE FUNCTION cluster_tag_changed();
"""
# Once a statement: a first inventory names the Kafka cluster of every connector at once. Nothing
# moves by the first Kafka cluster of a resource unless that has a rule; one made later notes itself.
PARENTS = """
CREATE FUNCTION parent_clusters_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added WHERE parent_cluster_id IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    PERFORM lock_allocation_changes();
    PERFORM note_allocation_change(organization_id, 'Kafka cluster of a resource learnt',
        DATE '0001-01-01', NULL, false, cluster_ids => array_agg(cluster_id ORDER BY cluster_id))
    FROM added
    WHERE parent_cluster_id IN (
        SELECT parent.cluster_id FROM allocation_rules AS rule
        JOIN dimensions_clusters AS parent ON parent.id = rule.cluster_id
        WHERE rule.organization_id = added.organization_id)
    GROUP BY organization_id;
    RETURN NULL;
END $$;
CREATE TRIGGER dimensions_clusters_parents_added AFTER INSERT ON dimensions_clusters
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION parent_clusters_added();

CREATE FUNCTION parent_clusters_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed JOIN previous USING (id)
                   WHERE changed.parent_cluster_id IS DISTINCT FROM previous.parent_cluster_id) THEN
        RETURN NULL;
    END IF;
    PERFORM lock_allocation_changes();
    PERFORM note_allocation_change(changed.organization_id, 'Kafka cluster of a resource learnt',
        DATE '0001-01-01', NULL, false,
        cluster_ids => array_agg(changed.cluster_id ORDER BY changed.cluster_id))
    FROM changed JOIN previous USING (id)
    WHERE changed.parent_cluster_id IS DISTINCT FROM previous.parent_cluster_id
      AND (previous.parent_cluster_id IS NOT NULL OR changed.parent_cluster_id IN (
        SELECT parent.cluster_id FROM allocation_rules AS rule
        JOIN dimensions_clusters AS parent ON parent.id = rule.cluster_id
        WHERE rule.organization_id = changed.organization_id))
    GROUP BY changed.organization_id;
    RETURN NULL;
END $$;
CREATE TRIGGER dimensions_clusters_parents_changed AFTER UPDATE ON dimensions_clusters
    REFERENCING OLD TABLE AS previous NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION parent_clusters_changed();
"""
DROP = """
DROP TRIGGER dimensions_clusters_parents_changed ON dimensions_clusters;
DROP TRIGGER dimensions_clusters_parents_added ON dimensions_clusters;
DROP TRIGGER dimensions_cluster_tags_noted ON dimensions_cluster_tags;
DROP TRIGGER dimensions_business_units_noted ON dimensions_business_units;
DROP TRIGGER dimensions_cost_centers_noted ON dimensions_cost_centers;
DROP TRIGGER dimensions_placements_noted ON dimensions_cost_center_placements;
DROP TRIGGER shared_cost_targets_noted ON shared_cost_targets;
DROP TRIGGER shared_cost_policies_noted ON shared_cost_policies;
DROP TRIGGER allocation_targets_noted ON allocation_targets;
DROP TRIGGER allocation_rules_noted ON allocation_rules;
DROP FUNCTION parent_clusters_changed, parent_clusters_added, cluster_tag_changed,
    business_unit_code_changed, cost_center_code_changed, placement_changed,
    shared_cost_target_changed, shared_cost_policy_changed, allocation_target_changed,
    allocation_rule_changed, days_between, note_allocation_rule, note_allocation_change,
    lock_allocation_changes;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0006_rules_hold"),
        ("dimensions", "0002_inventory_owners_and_tags"),
    ]

    operations = [
        migrations.RunSQL(NOTE + RULES + OWNERS + PARENTS, DROP),
        # Days that are stored already were allocated before there were policies.
        migrations.RunSQL(
            "SELECT note_allocation_change(id, 'policies came', DATE '0001-01-01', NULL, false) "
            "FROM dimensions_orgs WHERE id IN (SELECT organization_id FROM billing_days)",
            migrations.RunSQL.noop,
        ),
    ]
