"""The bill of a range at a glance: what it came to, of what and whom, and how sure that is."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from costs.filters import CostFilter
from costs.models import UNALLOCATED
from costs.money import percent
from costs.reports.charges import COLUMNS, conditions, source
from costs.reports.coverage import Coverage, coverage
from costs.reports.names import name_of
from costs.visibility import Visibility

TOP_CLUSTERS = 10
PARTS = ("product", "env", "business_unit", "cluster")

# One reading of the facts serves every part: summed finely first, which PostgreSQL does by several
# processes, then by each part. A part's id is null for what names none.
_SUMMARY = """
    WITH fine AS MATERIALIZED (
        SELECT {columns}, fact.cost_center = '{nobody}' AS is_nobodys,
               min(fact.organization_id) AS organization, {amounts}
        {source}
        WHERE {conditions}
        GROUP BY {facts_columns}, fact.cost_center = '{nobody}'
    ),
    part AS (
        SELECT {ids}, grouping({ids}) AS kind, min(organization) AS organization,
               sum(net) AS net, coalesce(sum(usage), 0) AS usage,
               coalesce(sum(credits), 0) AS credits, sum(list) AS list,
               sum(net) FILTER (WHERE is_nobodys) AS unallocated,
               coalesce(sum(usage) FILTER (WHERE is_nobodys), 0) AS unallocated_usage,
               coalesce(sum(records), 0)::bigint AS records
        FROM fine
        GROUP BY GROUPING SETS ((), {sets})
    ),
    ranked AS (
        SELECT *, row_number() OVER (
            PARTITION BY kind ORDER BY (kind = {clusters} AND cluster IS NULL), net DESC, {ids}
        ) AS place
        FROM part
    )
    SELECT kind, {ids}, name, net, usage, credits, list, unallocated, unallocated_usage, records
    FROM ranked
    LEFT JOIN LATERAL (
        SELECT CASE WHEN kind = {environments} THEN ({environment_name})
                    WHEN kind = {clusters} THEN ({cluster_name})
                    WHEN kind = {units} THEN ({unit_name}) END AS name
    ) AS named ON true
    WHERE kind <> {clusters} OR (place <= {top} AND cluster IS NOT NULL)
    ORDER BY kind, place
"""
# The same without parts: each group of the above summed at once.
_HEADLINE = """
    SELECT sum(net), coalesce(sum(usage), 0), coalesce(sum(credits), 0), sum(list),
           sum(net) FILTER (WHERE is_nobodys),
           coalesce(sum(usage) FILTER (WHERE is_nobodys), 0), coalesce(sum(records), 0)::bigint
    FROM (
        SELECT fact.cost_center = '{nobody}' AS is_nobodys, {amounts}
        {source}
        WHERE {conditions}
        GROUP BY 1
    ) AS owned
"""
_SUMMED = """sum(fact.cost_usd) AS net, sum(fact.usage_usd) AS usage,
               sum(fact.credits_usd) AS credits, sum(fact.list_cost_usd) AS list,
               sum(fact.facts) AS records"""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """What one product, environment, business unit or resource came to. USD.

    id: None for charges that name no environment or resource; name: None where ids say it all.
    """

    id: str | None
    name: str | None
    net: Decimal
    usage: Decimal
    credits: Decimal


@dataclass(frozen=True, slots=True)
class Headline:
    """USD of the filter's UTC days.

    allocated_percent: share of the usage that a cost center owes; None when there is no usage.
    """

    net: Decimal = ZERO
    usage: Decimal = ZERO
    credits: Decimal = ZERO
    list: Decimal = ZERO
    unallocated: Decimal = ZERO
    allocated_percent: Decimal | None = None
    records: int = 0
    coverage: Coverage = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Summary(Headline):
    """The same, with its parts, which are ordered by their net cost, the largest first.

    other_clusters: what top_clusters leave out, charges that name no resource among it.
    """

    by_product: tuple[Part, ...] = ()
    by_environment: tuple[Part, ...] = ()
    by_business_unit: tuple[Part, ...] = ()
    top_clusters: tuple[Part, ...] = ()
    other_clusters: Decimal = ZERO


def headline(cost_filter: CostFilter, visibility: Visibility) -> Headline:
    """What the charges of the filter came to; in half the time of a summary."""
    sql = _HEADLINE.format(
        nobody=UNALLOCATED,
        amounts=_SUMMED,
        source=source(cost_filter, PARTS),
        conditions=" AND ".join(conditions(cost_filter, visibility)),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, cost_filter.parameters(visibility))
        whole = _whole(*cursor.fetchone())
    return Headline(**whole, coverage=coverage(cost_filter, visibility))


def summary(cost_filter: CostFilter, visibility: Visibility) -> Summary:
    """What the charges of the filter came to, and of what, as far as they are visible."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(cost_filter, visibility), cost_filter.parameters(visibility))
        found = cursor.fetchall()
    parts: dict[int, list[Part]] = {}
    whole = _whole(None, ZERO, ZERO, None, None, ZERO, 0)
    for kind, *ids, name, net, usage, credits, list_cost, nobodys, nobodys_usage, records in found:
        if kind == _kind():
            whole = _whole(net, usage, credits, list_cost, nobodys, nobodys_usage, records)
        else:
            id = next((each for each in ids if each is not None), None)
            parts.setdefault(kind, []).append(Part(id, name, net, usage, credits))
    clusters = tuple(parts.get(_kind("cluster"), ()))
    return Summary(
        **whole,
        by_product=tuple(parts.get(_kind("product"), ())),
        by_environment=tuple(parts.get(_kind("env"), ())),
        by_business_unit=tuple(parts.get(_kind("business_unit"), ())),
        top_clusters=clusters,
        other_clusters=whole["net"] - sum((part.net for part in clusters), ZERO),
        coverage=coverage(cost_filter, visibility),
    )


def _whole(
    net: Decimal | None,
    usage: Decimal,
    credits: Decimal,
    list_cost: Decimal | None,
    nobodys: Decimal | None,
    nobodys_usage: Decimal,
    records: int,
) -> dict[str, Any]:
    """The fields of a Headline; of nothing at all some sums are null."""
    return {
        "net": net or ZERO,
        "usage": usage,
        "credits": credits,
        "list": list_cost or ZERO,
        "unallocated": nobodys or ZERO,
        "allocated_percent": percent(usage - nobodys_usage, usage),
        "records": records,
    }


def _statement(cost_filter: CostFilter, visibility: Visibility) -> str:
    return _SUMMARY.format(
        columns=", ".join(f"{COLUMNS[name]} AS {name}" for name in PARTS),
        facts_columns=", ".join(COLUMNS[name] for name in PARTS),
        ids=", ".join(PARTS),
        sets=", ".join(f"({name})" for name in PARTS),
        amounts=_SUMMED,
        source=source(cost_filter, PARTS),
        conditions=" AND ".join(conditions(cost_filter, visibility)),
        nobody=UNALLOCATED,
        clusters=_kind("cluster"),
        environments=_kind("env"),
        units=_kind("business_unit"),
        environment_name=name_of("env", "ranked"),
        cluster_name=name_of("cluster", "ranked"),
        unit_name=name_of("business_unit", "ranked"),
        top=TOP_CLUSTERS,
    )


def _kind(grouped_by: str = "") -> int:
    """PostgreSQL's grouping(): a bit, the first name's highest, for what is not grouped by."""
    bits = ("0" if name == grouped_by else "1" for name in PARTS)
    return int("".join(bits), 2)
