from django.db import migrations

# Roles belong to the server, not to one database: it may be there already, and servers that others
# run may forbid to make one. Then an administrator makes it, and setup_grafana_reader grants.
CREATE = """
DO $$
BEGIN
    CREATE ROLE grafana_reader NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'The role grafana_reader is missing and this user may not make it.';
END
$$;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana_reader') THEN
        GRANT USAGE ON SCHEMA reporting TO grafana_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO grafana_reader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA reporting GRANT SELECT ON TABLES TO grafana_reader;
    END IF;
END
$$;
"""
REVOKE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana_reader') THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA reporting FROM grafana_reader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA reporting REVOKE SELECT ON TABLES FROM grafana_reader;
        REVOKE ALL ON SCHEMA reporting FROM grafana_reader;
    END IF;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("costs", "0014_reporting_views")]

    operations = [migrations.RunSQL(CREATE, REVOKE)]
