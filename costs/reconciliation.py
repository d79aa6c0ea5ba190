"""The proof, from the database: what the bill says is what the facts say, to the last digit.

For every day: the amount kept with the day = sum of its current lines = sum of its daily facts =
sum of its hourly costs. Each line also equals its facts and each fact its 24 hours, so that two
errors cannot hide each other. The one rounding, of received amounts to 10 places, is reported.

Days whose hours are archived are proven to their daily facts. What the archive holds is compared
with the bill by month, as long as none of the month's days was restated since: a restatement
changes bill and facts, never the file, and must be no alarm for ever after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from costs.clock import database_now
from costs.models import BillingDay, ReconciliationCheck
from dimensions.models import Organization

# Half-even rounding to 10 places moves an amount by half a unit at most.
ROUNDING_BOUND_PER_LINE = Decimal("0.5e-10")

_RECONCILE = """
    WITH line AS (
        SELECT organization_id, day, id AS line_item_id, amount,
               amount - amount_received AS rounding
        FROM cost_line_items
        WHERE day >= %(start)s AND day < %(end)s AND last_version IS NULL
    ),
    fact AS (
        SELECT organization_id, charge_date AS day, id, line_item_id, cost_usd
        FROM daily_cost_facts
        WHERE charge_date >= %(start)s AND charge_date < %(end)s
    ),
    fact_hours AS (
        SELECT organization_id, ("timestamp" AT TIME ZONE 'UTC')::date AS day,
               daily_cost_fact_id AS id, count(*) AS hours, sum(cost_usd) AS amount
        FROM hourly_costs
        WHERE "timestamp" >= %(start)s::timestamp AT TIME ZONE 'UTC'
          AND "timestamp" < %(end)s::timestamp AT TIME ZONE 'UTC'
        GROUP BY 1, 2, 3
    ),
    bill AS (
        SELECT organization_id, day, line_count, amount,
               is_incomplete OR held_since IS NOT NULL AS is_doubtful
        FROM billing_days
        WHERE day >= %(start)s AND day < %(end)s
    ),
    lines AS (
        SELECT organization_id, day, count(*) AS count, sum(amount) AS amount,
               sum(rounding) AS rounding,
               count(*) FILTER (WHERE abs(rounding) > %(bound)s) AS beyond_bound
        FROM line GROUP BY 1, 2
    ),
    facts AS (
        SELECT organization_id, day, sum(cost_usd) AS amount FROM fact GROUP BY 1, 2
    ),
    hours AS (
        SELECT organization_id, day, sum(amount) AS amount FROM fact_hours GROUP BY 1, 2
    ),
    wrong_lines AS (
        SELECT organization_id, day, count(*) AS count
        FROM line
        FULL JOIN (
            SELECT organization_id, day, line_item_id, sum(cost_usd) AS facts
            FROM fact GROUP BY 1, 2, 3
        ) AS its_facts USING (organization_id, day, line_item_id)
        WHERE amount IS DISTINCT FROM facts
        GROUP BY 1, 2
    ),
    wrong_facts AS (
        SELECT organization_id, day, count(*) AS count
        FROM fact FULL JOIN fact_hours USING (organization_id, day, id)
        WHERE (cost_usd IS DISTINCT FROM amount OR hours IS DISTINCT FROM 24)
          AND date_trunc('month', day)::date NOT IN (SELECT month FROM archived_hours)
        GROUP BY 1, 2
    ),
    wrong_owners AS (
        SELECT organization_id, day, count(*) AS count
        FROM (
            SELECT organization_id, charge_date AS day, business_unit, cost_center,
                   cluster_id IS NULL AND env_id IS NULL AS names_nobody,
                   count(*) AS facts, sum(cost_usd) AS amount
            FROM daily_cost_facts
            WHERE charge_date >= %(start)s AND charge_date < %(end)s
            GROUP BY 1, 2, 3, 4, 5
        ) AS summed
        FULL JOIN (
            SELECT organization_id, charge_date AS day, business_unit, cost_center, names_nobody,
                   facts AS kept_facts, cost_usd
            FROM daily_owner_costs
            WHERE charge_date >= %(start)s AND charge_date < %(end)s
        ) AS kept USING (organization_id, day, business_unit, cost_center, names_nobody)
        WHERE amount IS DISTINCT FROM cost_usd OR facts IS DISTINCT FROM kept_facts
        GROUP BY 1, 2
    ),
    wrong_resources AS (
        SELECT organization_id, day, count(*) AS count
        FROM (
            SELECT organization_id, charge_date AS day, coalesce(env_id, '') AS env_id,
                   coalesce(cluster_id, '') AS cluster_id, product, business_unit, cost_center,
                   allocation_confidence, allocation_method, count(*) AS facts,
                   sum(cost_usd) AS cost, sum(greatest(cost_usd, 0)) AS usage,
                   sum(list_cost_usd) AS list_cost
            FROM daily_cost_facts
            WHERE charge_date >= %(start)s AND charge_date < %(end)s
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        ) AS summed
        FULL JOIN (
            SELECT organization_id, charge_date AS day, coalesce(env_id, '') AS env_id,
                   coalesce(cluster_id, '') AS cluster_id, product, business_unit, cost_center,
                   allocation_confidence, allocation_method, facts AS kept_facts,
                   cost_usd, usage_usd, list_cost_usd
            FROM daily_resource_costs
            WHERE charge_date >= %(start)s AND charge_date < %(end)s
        ) AS kept USING (organization_id, day, env_id, cluster_id, product, business_unit,
                         cost_center, allocation_confidence, allocation_method)
        WHERE (facts, cost, usage, list_cost)
              IS DISTINCT FROM (kept_facts, cost_usd, usage_usd, list_cost_usd)
        GROUP BY 1, 2
    )
    SELECT organization.org_id, day,
           coalesce(bill.line_count, 0), coalesce(bill.amount, 0),
           coalesce(lines.count, 0), coalesce(lines.amount, 0), coalesce(lines.rounding, 0),
           coalesce(facts.amount, 0), coalesce(hours.amount, 0),
           coalesce(wrong_lines.count, 0), coalesce(wrong_facts.count, 0),
           coalesce(wrong_owners.count, 0), coalesce(wrong_resources.count, 0),
           coalesce(lines.beyond_bound, 0), coalesce(bill.is_doubtful, false),
           date_trunc('month', day)::date IN (SELECT month FROM archived_hours)
    FROM bill
    FULL JOIN lines USING (organization_id, day)
    FULL JOIN facts USING (organization_id, day)
    FULL JOIN hours USING (organization_id, day)
    FULL JOIN wrong_lines USING (organization_id, day)
    FULL JOIN wrong_facts USING (organization_id, day)
    FULL JOIN wrong_owners USING (organization_id, day)
    FULL JOIN wrong_resources USING (organization_id, day)
    LEFT JOIN dimensions_orgs AS organization ON organization.id = organization_id
    ORDER BY day, organization.org_id
"""

# Whole months, whichever of their days are asked for. A restatement raises the version of a day.
_ARCHIVED_MONTHS = """
    SELECT organization.org_id, archived.month, coalesce(sum(bill.amount), 0), archived.cost_usd
    FROM archived_hours AS archived
    JOIN dimensions_orgs AS organization ON organization.id = archived.organization_id
    LEFT JOIN billing_days AS bill
      ON bill.organization_id = archived.organization_id AND bill.day >= archived.month
     AND bill.day < archived.month + interval '1 month'
    WHERE archived.month >= date_trunc('month', %(start)s::date) AND archived.month < %(end)s
    GROUP BY archived.organization_id, archived.month, organization.org_id
    HAVING coalesce(sum(bill.version), 0) = archived.day_versions
       AND coalesce(sum(bill.amount), 0) <> archived.cost_usd
    ORDER BY archived.month, organization.org_id
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the bill says. Amounts in USD."""

    org_id: str
    day: date
    what: str
    bill: Decimal
    found: Decimal


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """A day of an organization as each relation holds it. Amounts in USD."""

    org_id: str
    day: date
    bill_lines: int
    bill_amount: Decimal
    lines: int
    lines_amount: Decimal
    rounding: Decimal
    facts_amount: Decimal
    hours_amount: Decimal
    wrong_lines: int
    wrong_facts: int
    wrong_owners: int
    wrong_resources: int
    lines_beyond_bound: int
    is_doubtful: bool
    hours_are_archived: bool

    @property
    def difference_usd(self) -> Decimal:
        return max(abs(self.bill_amount - found) for _, found in self._sums())

    def differences(self) -> Iterator[Difference]:
        """Every way in which the day's relations disagree; nothing for a proven day."""
        pairs = (
            ("lines of the bill", Decimal(self.bill_lines), Decimal(self.lines)),
            *((what, self.bill_amount, found) for what, found in self._sums()),
            ("lines unlike their daily facts", Decimal(0), Decimal(self.wrong_lines)),
            ("daily facts unlike their 24 hours", Decimal(0), Decimal(self.wrong_facts)),
            ("sums by owner unlike their daily facts", Decimal(0), Decimal(self.wrong_owners)),
            (
                "sums by resource unlike their daily facts",
                Decimal(0),
                Decimal(self.wrong_resources),
            ),
            ("lines rounded beyond the bound", Decimal(0), Decimal(self.lines_beyond_bound)),
        )
        for what, bill, found in pairs:
            if bill != found:
                yield Difference(self.org_id, self.day, what, bill, found)

    def _sums(self) -> Iterator[tuple[str, Decimal]]:
        """What must come to the day's bill."""
        yield "sum of the lines", self.lines_amount
        yield "sum of the daily facts", self.facts_amount
        if not self.hours_are_archived:
            yield "sum of the hourly costs", self.hours_amount


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The proof of a range of days; `differences` is empty when everything agrees.

    What is stored may agree and still lack something: missing_days were never collected,
    doubtful_days are incomplete or held (rows in quarantine, or an answer not believed yet),
    pending_days are whole but owed as by rules that have changed since. Of archived_days no hours
    are kept; they are proven to their daily facts.
    difference_usd adds up, of every day, by how much its lines, facts or hours are off the bill,
    and of every archived month that was not restated, by how much its archive is.
    """

    days: int
    missing_days: int
    doubtful_days: int
    pending_days: int
    archived_days: int
    lines: int
    amount: Decimal
    rounding: Decimal
    differences: list[Difference]
    difference_usd: Decimal


def reconcile(start: date, end: date) -> Reconciliation:
    """Prove the UTC days [start, end) of every organization, by the database's own sums."""
    with connection.cursor() as cursor:
        cursor.execute(_RECONCILE, {"start": start, "end": end, "bound": ROUNDING_BOUND_PER_LINE})
        days = [ReconciledDay(*row) for row in cursor.fetchall()]
        cursor.execute(_ARCHIVED_MONTHS, {"start": start, "end": end})
        archives = [
            Difference(org_id, month, "archived hours of the month", bill, found)
            for org_id, month, bill, found in cursor.fetchall()
        ]
    billed = Organization.objects.filter(billing_days__isnull=False).distinct().count()
    pending = BillingDay.objects.pending().filter(day__gte=start, day__lt=end).count()
    expected = (end - start).days * billed
    return _summed(days, archives, expected_days=expected, pending_days=pending)


def record_reconciliation(start: date, end: date) -> Reconciliation:
    """The same, kept for whoever watches from afar: metrics, health, the admin."""
    proof = reconcile(start, end)
    ReconciliationCheck.objects.create(
        checked_at=database_now(),
        first_day=start,
        end_day=end,
        days=proof.days,
        missing_days=proof.missing_days,
        doubtful_days=proof.doubtful_days,
        pending_days=proof.pending_days,
        differences=len(proof.differences),
        difference_usd=proof.difference_usd,
    )
    return proof


def _summed(
    days: Sequence[ReconciledDay],
    archives: Sequence[Difference],
    *,
    expected_days: int,
    pending_days: int,
) -> Reconciliation:
    off_by_day = sum((day.difference_usd for day in days), Decimal(0))
    off_by_archive = sum((abs(each.bill - each.found) for each in archives), Decimal(0))
    return Reconciliation(
        days=len(days),
        missing_days=expected_days - len(days),
        doubtful_days=sum(day.is_doubtful for day in days),
        pending_days=pending_days,
        archived_days=sum(day.hours_are_archived for day in days),
        lines=sum(day.lines for day in days),
        amount=sum((day.bill_amount for day in days), Decimal(0)),
        rounding=sum((day.rounding for day in days), Decimal(0)),
        differences=[each for day in days for each in day.differences()] + list(archives),
        difference_usd=off_by_day + off_by_archive,
    )
