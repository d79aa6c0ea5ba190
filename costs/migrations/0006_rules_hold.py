from django.db import migrations

# What no column constraint can say. The percents are looked at when the transaction commits, so
# that targets can be exchanged one by one.
CREATE = """
ALTER TABLE allocation_rules ALTER COLUMN selector_key SET NOT NULL;
-- An invalid expression raises "invalid regular expression" here, not during a collection.
ALTER TABLE allocation_rules ADD CONSTRAINT allocation_rules_pattern_valid
    CHECK (('' ~ name_pattern) IS NOT NULL);

CREATE FUNCTION allocation_rule_stays_in_its_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM dimensions_clusters
               WHERE id = NEW.cluster_id AND organization_id <> NEW.organization_id)
       OR EXISTS (SELECT FROM dimensions_envs
                  WHERE id = NEW.environment_id AND organization_id <> NEW.organization_id)
    THEN
        RAISE EXCEPTION 'The resource or environment belongs to another organization.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_rules_one_organization';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER allocation_rules_one_organization BEFORE INSERT OR UPDATE ON allocation_rules
    FOR EACH ROW EXECUTE FUNCTION allocation_rule_stays_in_its_organization();

CREATE FUNCTION allocation_targets_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT rule.id, coalesce(sum(target.percent), 0) AS total INTO wrong
    FROM allocation_rules AS rule LEFT JOIN allocation_targets AS target ON target.rule_id = rule.id
    WHERE rule.id = ANY (CASE
              WHEN TG_TABLE_NAME = 'allocation_rules' THEN ARRAY[(to_jsonb(NEW) ->> 'id')::bigint]
              ELSE ARRAY[(to_jsonb(OLD) ->> 'rule_id')::bigint, (to_jsonb(NEW) ->> 'rule_id')::bigint]
          END)
    GROUP BY rule.id
    HAVING coalesce(sum(target.percent), 0) <> 100
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'The percents of allocation rule % are % together, not 100.',
            wrong.id, wrong.total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_targets_sum_to_100';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER allocation_targets_sum_to_100
    AFTER INSERT OR UPDATE OR DELETE ON allocation_targets DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION allocation_targets_are_whole();
CREATE CONSTRAINT TRIGGER allocation_rules_have_targets
    AFTER INSERT ON allocation_rules DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION allocation_targets_are_whole();

CREATE FUNCTION shared_cost_targets_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT policy.id, coalesce(sum(target.percent), 0) AS total INTO wrong
    FROM shared_cost_policies AS policy
    LEFT JOIN shared_cost_targets AS target ON target.policy_id = policy.id
    WHERE policy.id = ANY (CASE
              WHEN TG_TABLE_NAME = 'shared_cost_policies' THEN ARRAY[(to_jsonb(NEW) ->> 'id')::bigint]
              ELSE ARRAY[(to_jsonb(OLD) ->> 'policy_id')::bigint, (to_jsonb(NEW) ->> 'policy_id')::bigint]
          END)
    GROUP BY policy.id
    HAVING coalesce(sum(target.percent), 0) <> CASE WHEN policy.method = 'fixed' THEN 100 ELSE 0 END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'The percents of shared cost policy % are % together; they are 100 for fixed percents, and none otherwise.',
            wrong.id, wrong.total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'shared_cost_targets_sum_to_100';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER shared_cost_targets_sum_to_100
    AFTER INSERT OR UPDATE OR DELETE ON shared_cost_targets DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION shared_cost_targets_are_whole();
CREATE CONSTRAINT TRIGGER shared_cost_policies_have_targets
    AFTER INSERT OR UPDATE ON shared_cost_policies DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION shared_cost_targets_are_whole();
"""
DROP = """
DROP TRIGGER shared_cost_policies_have_targets ON shared_cost_policies;
DROP TRIGGER shared_cost_targets_sum_to_100 ON shared_cost_targets;
DROP FUNCTION shared_cost_targets_are_whole;
DROP TRIGGER allocation_rules_have_targets ON allocation_rules;
DROP TRIGGER allocation_targets_sum_to_100 ON allocation_targets;
DROP FUNCTION allocation_targets_are_whole;
DROP TRIGGER allocation_rules_one_organization ON allocation_rules;
DROP FUNCTION allocation_rule_stays_in_its_organization;
ALTER TABLE allocation_rules DROP CONSTRAINT allocation_rules_pattern_valid;
ALTER TABLE allocation_rules ALTER COLUMN selector_key DROP NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("costs", "0005_who_pays")]

    operations = [migrations.RunSQL(CREATE, DROP)]
