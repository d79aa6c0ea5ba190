"""Confidence Metrics: how sure it is who pays, for data engineers and FinOps."""

from grafana.source.common import freshness
from grafana.source.dashboards import EVERYWHERE, Dashboard, deeper
from grafana.source.palette import CONFIDENCE, GOOD, WATCH
from grafana.source.panels import (
    COUNT,
    PERCENT,
    bar_gauge,
    count,
    daily_bars,
    link,
    pie,
    share,
    stat,
    steps,
    table,
    usd,
    width,
)

WHAT = (
    "High: a rule names the resource. Medium: a rule names its Kafka cluster, name, tag, "
    "environment or organization. Low: shared by a policy, or nobody's."
)

DASHBOARD = Dashboard(
    uid="confluent-confidence",
    file="confidence-metrics.json",
    title="Confidence Metrics",
    description="How sure it is who pays for the charges of the chosen UTC days, for data "
    f"engineers and FinOps. {WHAT}",
    panels=[
        stat(
            "Data Quality Score",
            "confidence/score",
            (6, 4),
            f"Share of the chosen days' records with high or medium confidence. Percent. {WHAT}",
            unit=PERCENT,
            decimals=1,
            colours=steps((None, WATCH), (80, GOOD)),
        ),
        stat(
            "Total Records",
            "confidence/total",
            (5, 4),
            "Records of the chosen days: bill lines, or shares of one.",
            unit=COUNT,
            decimals=0,
        ),
        stat(
            "Net Cost",
            "clevel/net",
            (5, 4),
            "Net cost of these records, USD.",
        ),
        freshness(8),
        pie(
            "Allocation Confidence Distribution",
            "confidence/records",
            (10, 9),
            f"Records of the chosen days by confidence. {WHAT}",
            colours=CONFIDENCE,
            unit=COUNT,
            decimals=0,
            donut=True,
        ),
        bar_gauge(
            "Cost by Confidence Level",
            "confidence/cost",
            (14, 9),
            f"Net cost of the chosen days by confidence, USD. {WHAT}",
            colours=CONFIDENCE,
        ),
        daily_bars(
            "Confidence over Time",
            "confidence/over_time",
            (24, 9),
            "Records a UTC day by confidence.",
            colours=CONFIDENCE,
            unit=COUNT,
            decimals=0,
        ),
        table(
            "Allocation Method Breakdown",
            "confidence/methods",
            (11, 11),
            "What decided who pays, of the chosen days: records, resources, net cost in USD, and "
            "the share of the charges above zero.",
            columns={
                "Records": count(total=True),
                "Clusters": count(),
                "Tracked cost": usd(total=True),
                "Share of usage": share(),
            },
        ),
        table(
            "Confidence by Environment",
            "confidence/environments",
            (13, 11),
            "Records of each environment by confidence in the chosen days, the least sure first; "
            "quality: the share of high and medium. Net cost in USD.",
            columns={
                "Environment": link(
                    "Its charges in detail",
                    deeper("confluent-chargeback", EVERYWHERE, environment="Environment id"),
                ),
                "High": count(total=True),
                "Medium": count(total=True),
                "Low": count(total=True),
                "Records": count(total=True),
                "Quality": share(),
                "Net cost": usd(total=True),
                "Environment id": width(110),
            },
        ),
    ],
)
