"""Panels that several dashboards have."""

from grafana.source.palette import BAD, GOOD, WATCH
from grafana.source.panels import (
    Panel,
    count,
    day,
    field_override,
    link,
    percent,
    stat,
    steps,
    table,
    usd,
    width,
)


def freshness(width: int) -> Panel:
    """How far the numbers reach and how sure they are; stands on every dashboard."""
    return stat(
        "Data through · collected · provisional",
        "common/freshness",
        (width, 4),
        "The last UTC day with a bill line, hours since the bill was last collected, and how many "
        "days of the chosen period Confluent may still restate (it does for about 72 hours; their "
        "amounts are estimates until then). Of several organizations, the one that lags most.",
        unit="none",
        decimals=0,
        with_text=True,
        text={"titleSize": 14, "valueSize": 22},
        overrides=[
            field_override(
                "Collected",
                {"unit": "suffix: h ago", "decimals": 1, "noValue": "never"}
                | steps((None, WATCH), (0, GOOD), (26, WATCH), (50, BAD)),
            ),
            field_override(
                "Provisional days", {"unit": "none"} | steps((None, "text"), (1, WATCH))
            ),
        ],
    )


def organization_overview(leads_to: str) -> Panel:
    """Each organization in one line; leads_to: what `deeper` gives."""
    return table(
        "Organization Overview",
        "common/organizations",
        (24, 5),
        "Each organization in the chosen days: spend, credits and net cost in USD, share of the "
        "spend that has an owner, resources and environments with a charge, days with one.",
        columns={
            "Organization": link("Only this organization", leads_to),
            "Total spend": usd(total=True),
            "Credits": usd(total=True),
            "Net cost": usd(total=True),
            "Allocated": percent(),
            "Active clusters": count(),
            "Active environments": count(),
            "Active days": count(),
            "Data through": day(),
        },
    )


def environments_by_type(title: str, size: tuple[int, int], other: str, leads_to: str) -> Panel:
    """Each environment by the types of what is billed; other: what the column of that name has."""
    types = ("Kafka", "Connectors", "Flink", "Schema Registry", "ksqlDB", "Other", "Total")
    amounts = {name: usd(total=True) for name in types}
    return table(
        title,
        "common/environments_by_type",
        size,
        f"Net cost of each environment in the chosen days by what is billed, USD. {other}",
        columns={
            "Environment": link("Its clusters", leads_to),
            **amounts,
            "Schema Registry": usd(total=True) | width(125),
            "Active clusters": count(total=True) | width(120),
        },
    )
