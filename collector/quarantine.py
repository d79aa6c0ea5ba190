"""Rows that could not be read: stored as received, resolved when a later fetch lacks them."""

from datetime import datetime
from typing import Any

from django.db import connection

from collector.windows import Window
from dimensions.models import Organization

# A slower, older fetch must not bring back what a newer one resolved.
_STORE = """
    INSERT INTO quarantined_rows AS known
        (organization_id, day, window_start, window_end, reason, amount_text, raw, raw_hash,
         occurrences, first_fetched_at, fetched_at)
    SELECT %(organization)s, day, %(start)s, %(end)s, min(reason), min(amount_text), raw,
           md5(raw)::uuid, max(times), %(fetched_at)s, %(fetched_at)s
    FROM (
        -- a row of several days is answered to each of them: that is one row
        SELECT day, raw, asked, min(reason) AS reason, min(amount_text) AS amount_text,
               count(*) AS times
        FROM staged_quarantine
        GROUP BY day, raw, asked
    ) AS staged
    WHERE NOT EXISTS (
        SELECT FROM billing_days AS newer
        WHERE newer.organization_id = %(organization)s AND newer.day = staged.day
          AND newer.fetched_at > %(fetched_at)s
    )
    GROUP BY day, raw
    ORDER BY day, md5(raw)
    ON CONFLICT ON CONSTRAINT quarantined_rows_once DO UPDATE
    SET reason = excluded.reason, occurrences = excluded.occurrences,
        window_start = least(known.window_start, excluded.window_start),
        window_end = greatest(known.window_end, excluded.window_end),
        fetched_at = excluded.fetched_at, resolved_at = NULL
    WHERE known.fetched_at < excluded.fetched_at
"""

_RESOLVE = """
    UPDATE quarantined_rows
    SET resolved_at = %(fetched_at)s
    WHERE organization_id = %(organization)s
      AND resolved_at IS NULL
      AND fetched_at < %(fetched_at)s
      AND CASE WHEN day IS NULL
               THEN window_start >= %(start)s AND window_end <= %(end)s
               ELSE day >= %(start)s AND day < %(end)s
          END
"""


def store_unreadable(organization: Organization, window: Window, fetched_at: datetime) -> int:
    """Store the staged unreadable rows and resolve those that vanished; returns their number."""
    parameters: dict[str, Any] = {
        "organization": organization.pk,
        "start": window.start,
        "end": window.end,
        "fetched_at": fetched_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE, parameters)
        cursor.execute(_RESOLVE, parameters)
        cursor.execute("SELECT count(*) FROM staged_quarantine")
        (count,) = cursor.fetchone()
    return int(count)
