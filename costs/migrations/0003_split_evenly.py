from django.db import migrations

# The remainder of the division goes, one unit of 1e-10 each, to the first parts. `mod` takes the
# sign of its first argument, hence the double one: a remainder is never negative, so that a
# credit splits as exactly as a charge. The inner OFFSET 0 keeps the planner from repeating the
# division for every part.
CREATE = """
CREATE FUNCTION split_evenly(amount numeric, parts integer)
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
COMMENT ON FUNCTION split_evenly(numeric, integer) IS
    'Equal shares of an amount in USD, in units of 1e-10; their sum is the amount, exactly.';
"""


class Migration(migrations.Migration):
    dependencies = [("costs", "0002_keys_start_with_the_organization")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION split_evenly(numeric, integer)"),
    ]
