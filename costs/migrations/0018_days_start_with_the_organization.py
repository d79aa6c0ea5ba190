from django.db import migrations

# As for the lines: Django names a day by its id alone, which the sequence makes unique; the plain
# index serves the admin.
DAYS = """
ALTER TABLE billing_days DROP CONSTRAINT billing_days_pkey;
ALTER TABLE billing_days ADD CONSTRAINT billing_days_pkey PRIMARY KEY (organization_id, id);
CREATE INDEX billing_days_by_id ON billing_days (id);
"""
DAYS_BACK = """
DROP INDEX billing_days_by_id;
ALTER TABLE billing_days DROP CONSTRAINT billing_days_pkey;
ALTER TABLE billing_days ADD CONSTRAINT billing_days_pkey PRIMARY KEY (id);
"""


class Migration(migrations.Migration):
    dependencies = [("costs", "0017_archived_hours")]

    operations = [migrations.RunSQL(DAYS, DAYS_BACK)]
