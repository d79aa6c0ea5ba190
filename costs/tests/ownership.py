"""Bills, owners and rules written by hand, for tests of who pays; and what the facts say then."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction

from costs.models import (
    AllocationRule,
    AllocationTarget,
    BillingDay,
    CostLineItem,
    DailyCostFact,
    SharedCostPolicy,
    SharedCostTarget,
)
from costs.partitions import ensure_partitions
from dimensions.models import (
    BusinessUnit,
    Cluster,
    ClusterTag,
    CostCenter,
    CostCenterPlacement,
    Environment,
    Organization,
)

NO_HASH = UUID(int=0)
FETCHED = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG_AGO = date(2026, 1, 1)
UNIT = Decimal("1e-10")


def october(number: int) -> date:
    return date(2026, 10, number)


DAY = october(14)  # where the day does not matter


def organization(org_id="o-1"):
    return Organization.objects.get_or_create(org_id=org_id)[0]


def cluster(cluster_id, *, of, parent=None):
    return Cluster.objects.create(organization=of, cluster_id=cluster_id, parent_cluster_id=parent)


def environment(env_id, *, of):
    return Environment.objects.create(organization=of, env_id=env_id)


def center(code, unit=None, valid_from=LONG_AGO, valid_to=None):
    """The cost center with that code; in the business unit, if one is said."""
    found, _ = CostCenter.objects.get_or_create(code=code)
    if unit:
        home, _ = BusinessUnit.objects.get_or_create(code=unit)
        CostCenterPlacement.objects.create(
            cost_center=found, business_unit=home, valid_from=valid_from, valid_to=valid_to
        )
    return found


def tag(of_cluster, key, value, valid_from=LONG_AGO, valid_to=None):
    return ClusterTag.objects.create(
        cluster=of_cluster, key=key, value=value, valid_from=valid_from, valid_to=valid_to
    )


@transaction.atomic
def rule(pays, *, of, tagged=None, pattern="", valid_from=LONG_AGO, **fields):
    """pays: a code, or codes with their percents; the selector is what is named."""
    key, value = tagged or ("", "")
    named = {"cluster": fields.get("cluster"), "environment": fields.get("environment")}
    named |= {"pattern": pattern, "tag": key}
    selector = next((kind for kind, what in named.items() if what), "organization")
    made = AllocationRule.objects.create(
        organization=of, selector=selector, name_pattern=pattern, tag_key=key, tag_value=value,
        valid_from=valid_from, **fields,
    )  # fmt: skip
    for code, percent in _percents(pays).items():
        AllocationTarget.objects.create(rule=made, cost_center=center(code), percent=percent)
    return made


@transaction.atomic
def policy(line_type, method, pays=None, *, of, valid_from=LONG_AGO, valid_to=None):
    """pays: one code for a central policy, codes with percents for a fixed one."""
    central = center(pays) if method == "central" and pays else None
    made = SharedCostPolicy.objects.create(
        organization=of, line_type=line_type, method=method, cost_center=central,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    for code, percent in _percents(pays or {}).items() if method == "fixed" else ():
        SharedCostTarget.objects.create(policy=made, cost_center=center(code), percent=percent)
    return made


def _percents(pays):
    given = pays if isinstance(pays, dict) else {pays: 100}
    return {code: Decimal(percent) for code, percent in given.items()}


def line(amount, label="", *, day=DAY, resource="", name="", env="", list_amount=None,
         product="KAFKA", line_type="KAFKA_STORAGE"):  # fmt: skip
    """A bill line, not yet saved. `label` tells it apart in `facts`."""
    return CostLineItem(
        day=day, description=label, resource_id=resource, resource_name=name, billed_name=name,
        env_id=env, product=product, line_type=line_type, amount=Decimal(amount),
        list_amount=Decimal(amount if list_amount is None else list_amount),
        amount_received=Decimal(amount), amount_source="billed", content_hash=NO_HASH,
        first_version=1,
    )  # fmt: skip


def support(amount, label="support", *, day=DAY):
    return line(amount, label, day=day, product="SUPPORT", line_type="SUPPORT")


def store(of, *lines):
    """Keep the lines as the whole bill of their days; the days."""
    by_day = defaultdict(list)
    for each in lines:
        each.organization = of
        by_day[each.day].append(each)
    CostLineItem.objects.bulk_create(lines)
    BillingDay.objects.bulk_create(
        BillingDay(
            organization=of, day=day, version=1, content_hash=NO_HASH, labels_hash=NO_HASH,
            line_count=len(its), amount=sum(each.amount for each in its), fetched_at=FETCHED,
            first_collected_at=FETCHED, last_collected_at=FETCHED, last_changed_at=FETCHED,
        )
        for day, its in by_day.items()
    )  # fmt: skip
    days = sorted(by_day)
    ensure_partitions(days[0], days[-1])
    return days


def facts(*columns: str, **filters: Any) -> list[tuple[Any, ...]]:
    """The named columns of all facts, sorted; `line` is the label of the bill line."""
    labels = dict(CostLineItem.objects.values_list("id", "description"))
    names = ["line_item_id" if column == "line" else column for column in columns]
    rows = DailyCostFact.objects.filter(**filters).values_list("line_item_id", *names)
    return sorted(
        (
            tuple(
                labels.get(row[0]) if column == "line" else value
                for column, value in zip(columns, row[1:], strict=True)
            )
            for row in rows
        ),
        key=str,
    )


EVERY_COLUMN = (
    "charge_date", "line", "org_id", "env_id", "cluster_id", "product", "line_type",
    "business_unit", "cost_center", "allocation_method", "allocation_confidence", "rule_id",
    "policy_id", "cost_usd", "list_cost_usd",
)  # fmt: skip


def pending() -> list[int]:
    """Pending days of October."""
    return sorted(day.day.day for day in BillingDay.objects.pending())


def elsewhere(work: Callable[[], Any]) -> "Future[Any]":
    """Do it in another database session, at the same time; `.result()` waits and may raise."""

    def in_its_session():
        try:
            return work()
        finally:
            connections.close_all()

    executor = ThreadPoolExecutor(1)
    started = executor.submit(in_its_session)
    executor.shutdown(wait=False)
    return started


@contextmanager
def undone() -> Iterator[None]:
    """An example of hypothesis leaves nothing behind for the next one, whether it fails or not."""
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(savepoint)


@contextmanager
def just_before(statement: str, action: Callable[[], Any]) -> Iterator[None]:
    """Act once, when this session is about to run the first statement that contains the text."""
    acted: list[bool] = []

    def watch(execute, sql, params, many, context):
        if statement in sql and not acted:
            acted.append(True)
            action()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert acted, f"No statement with {statement!r}"


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
