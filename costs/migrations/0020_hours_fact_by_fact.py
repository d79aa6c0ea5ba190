from django.db import migrations

# Hours are written fact by fact, so that the index by fact grows at one end: the series stands in
# the select list, where the planner cannot make it the outer side of a join and write hour by hour.
SPLIT = """
CREATE OR REPLACE FUNCTION split_evenly(amount numeric, parts integer)
RETURNS TABLE (part integer, share numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT part, CASE WHEN part < larger THEN larger_share ELSE smaller_share END
    FROM (
        SELECT larger, smaller_share, larger_share, generate_series(0, parts - 1) AS part
        FROM (
            SELECT larger, smaller_share, smaller_share + 0.0000000001 AS larger_share
            FROM (
                SELECT larger::integer AS larger,
                       round((amount - larger * 0.0000000001) / parts, 10) AS smaller_share
                FROM (
                    SELECT mod(mod(amount * 10000000000, parts) + parts, parts) AS larger
                    OFFSET 0
                ) AS remainder
                OFFSET 0
            ) AS divided
            OFFSET 0
        ) AS shares
    ) AS split
$$;
"""
SPLIT_BACK = """
CREATE OR REPLACE FUNCTION split_evenly(amount numeric, parts integer)
RETURNS TABLE (part integer, share numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT part,
           CASE WHEN part < larger THEN smaller_share + 0.0000000001 ELSE smaller_share END
    FROM (
        SELECT larger, round((amount - larger * 0.0000000001) / parts, 10) AS smaller_share
        FROM (
            SELECT mod(mod(amount * 10000000000, parts) + parts, parts) AS larger
            OFFSET 0
        ) AS remainder
        OFFSET 0
    ) AS split, generate_series(0, parts - 1) AS part
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("costs", "0019_daily_resource_costs")]

    operations = [migrations.RunSQL(SPLIT, SPLIT_BACK)]
