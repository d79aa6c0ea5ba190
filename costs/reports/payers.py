"""Who pays for something, on which days, by which rule or policy: read off the facts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from costs.filters import CostFilter
from costs.models import Confidence, Method
from costs.reports.charges import conditions, source
from costs.reports.names import name_of
from costs.visibility import Visibility

_PAYERS = """
    WITH payer AS (
        SELECT fact.business_unit, fact.cost_center, fact.allocation_method,
               fact.allocation_confidence, {rule} AS rule_id, {policy} AS policy_id,
               min(fact.charge_date) AS first_day, max(fact.charge_date) AS last_day,
               sum(fact.cost_usd)::numeric(30, 10) AS cost
        {source} WHERE {conditions}
        GROUP BY 1, 2, 3, 4, 5, 6
    )
    SELECT payer.*, coalesce(unit.name, payer.business_unit),
           coalesce(center.name, payer.cost_center)
    FROM payer
    LEFT JOIN LATERAL ({unit}) AS unit ON true
    LEFT JOIN LATERAL ({center}) AS center ON true
    ORDER BY last_day DESC, cost DESC, cost_center, allocation_method, rule_id
"""


@dataclass(frozen=True, slots=True)
class Payer:
    """A cost center that owes charges; USD.

    first_day, last_day: the first and the last UTC day of them; others may pay in between.
    rule_id, policy_id: None for who is limited to shares, too.
    """

    business_unit: str
    cost_center: str
    method: str
    confidence: str
    rule_id: int | None
    policy_id: int | None
    first_day: date
    last_day: date
    cost: Decimal
    business_unit_name: str
    cost_center_name: str

    @property
    def method_label(self) -> str:
        return str(Method(self.method).label)

    @property
    def confidence_label(self) -> str:
        return str(Confidence(self.confidence).label)


def payers(cost_filter: CostFilter, visibility: Visibility) -> list[Payer]:
    """Who owes the charges of the filter, whoever paid last first."""
    sql = _PAYERS.format(
        # When others' rules changed is not for who is limited.
        rule="NULL::bigint" if visibility.is_limited else "fact.rule_id",
        policy="NULL::bigint" if visibility.is_limited else "fact.policy_id",
        source=source(cost_filter, of_facts=True),
        conditions=" AND ".join(conditions(cost_filter, visibility)),
        unit=name_of("business_unit", "payer"),
        center=name_of("cost_center", "payer"),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, cost_filter.parameters(visibility))
        return [Payer(*row) for row in cursor.fetchall()]
