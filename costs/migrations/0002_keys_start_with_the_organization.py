from django.db import migrations

# Facts can be distributed by organization only if every unique key starts with it. Django names
# a line by its id alone, which the sequence makes unique; the plain index serves the admin.
LINES = """
ALTER TABLE cost_line_items DROP CONSTRAINT cost_line_items_pkey;
ALTER TABLE cost_line_items ADD CONSTRAINT cost_line_items_pkey PRIMARY KEY (organization_id, id);
CREATE INDEX cost_line_items_by_id ON cost_line_items (id);
"""
LINES_BACK = """
DROP INDEX cost_line_items_by_id;
ALTER TABLE cost_line_items DROP CONSTRAINT cost_line_items_pkey;
ALTER TABLE cost_line_items ADD CONSTRAINT cost_line_items_pkey PRIMARY KEY (id);
"""
FACTS = "ALTER TABLE daily_cost_facts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY"
FACTS_BACK = "ALTER TABLE daily_cost_facts ALTER COLUMN id DROP IDENTITY"


class Migration(migrations.Migration):
    dependencies = [("costs", "0001_initial")]

    operations = [
        migrations.RunSQL(LINES, LINES_BACK),
        migrations.RunSQL(FACTS, FACTS_BACK),
    ]
