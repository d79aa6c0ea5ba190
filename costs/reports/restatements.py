"""What the bill says differently since a moment: days that were stored then, and changed after."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from costs.partitions import ONE_DAY
from costs.query_string import FIRST_DAY
from costs.visibility import Visibility

_KNOWN_THEN = "changed_at <= %(since)s"
# A line that came and went in between changed nothing.
_RESTATED = """
    WITH before AS (
        SELECT DISTINCT ON (organization_id, day) organization_id, day, version, amount
        FROM billing_day_versions
        WHERE organization_id = ANY (%(organizations)s::smallint[]) AND {known}
        ORDER BY organization_id, day, {order}
    )
    SELECT organization.org_id, organization.display_name, stored.day,
           before.version, before.amount, stored.version, stored.amount, stored.last_changed_at,
           line.added, line.closed
    FROM before
    JOIN billing_days AS stored USING (organization_id, day)
    JOIN dimensions_orgs AS organization ON organization.id = stored.organization_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE first_version > before.version AND last_version IS NULL)
                   AS added,
               count(*) FILTER (WHERE first_version <= before.version
                                  AND last_version >= before.version) AS closed
        FROM cost_line_items
        WHERE organization_id = stored.organization_id AND day = stored.day
    ) AS line
    WHERE stored.version > before.version AND stored.day >= %(first)s
    ORDER BY stored.last_changed_at DESC, stored.day DESC, organization.org_id
"""


@dataclass(frozen=True, slots=True)
class Restatement:
    """A UTC day whose bill changed; USD before and now, and how many lines came and went."""

    org_id: str
    org_name: str
    day: date
    version_before: int
    before: Decimal
    version: int
    now: Decimal
    changed_at: datetime
    lines_added: int
    lines_closed: int

    @property
    def next_day(self) -> date:
        return self.day + ONE_DAY

    @property
    def change(self) -> Decimal:
        return self.now - self.before


def restatements(
    visibility: Visibility, *, since: datetime | None = None, first: date | None = None
) -> list[Restatement]:
    """The days from `first` on that changed after `since`, the newest change first.

    since None: each day against what it was when it was first collected. Of whole days: raises
    PermissionError for who is limited to shares.
    """
    if visibility.is_limited:
        raise PermissionError("Whole days are not for who sees shares only.")
    asked = {
        "since": since,
        "first": first or FIRST_DAY,
        "organizations": list(visibility.organizations),
    }
    known, order = ("true", "version") if since is None else (_KNOWN_THEN, "version DESC")
    with connection.cursor() as cursor:
        cursor.execute(_RESTATED.format(known=known, order=order), asked)
        return [Restatement(*row) for row in cursor.fetchall()]
