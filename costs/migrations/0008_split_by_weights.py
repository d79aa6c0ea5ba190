from django.db import migrations

# Largest remainder (Hamilton) in units of 1e-10: every part gets the whole units of its exact
# share, and the missing ones go to the parts that were cut the most, the earlier of two equals
# first. Credits are split like charges and get their sign back, so that -x splits as x does.
CREATE = """
CREATE FUNCTION split_by_weights(amount numeric, weights numeric[])
RETURNS TABLE (part integer, share numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT part,
           sign(amount) * 0.0000000001 * (
               whole + CASE WHEN place <= units - sum(whole) OVER () THEN 1 ELSE 0 END
           )
    FROM (
        SELECT part, units, div(units * weight, total) AS whole,
               row_number() OVER (ORDER BY mod(units * weight, total) DESC, part) AS place
        FROM (
            SELECT weight, part::integer AS part, sum(weight) OVER () AS total,
                   abs(amount) * 10000000000 AS units
            FROM unnest(weights) WITH ORDINALITY AS given (weight, part)
        ) AS weighted
    ) AS cut
    ORDER BY part
$$;
COMMENT ON FUNCTION split_by_weights(numeric, numeric[]) IS
    'Shares of an amount in USD by positive weights, in units of 1e-10; their sum is the amount, exactly.';
"""


class Migration(migrations.Migration):
    dependencies = [("costs", "0007_changes_are_noted")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION split_by_weights(numeric, numeric[])"),
    ]
