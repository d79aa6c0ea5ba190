"""C-Level - Confluent Cloud Cost: what the bill came to, for executives."""

from grafana.source.common import freshness, organization_overview
from grafana.source.dashboards import Dashboard, deeper
from grafana.source.palette import PRODUCTS, STATES
from grafana.source.panels import (
    PERCENT,
    bar_gauge,
    daily_bars,
    pie,
    stat,
)

DASHBOARD = Dashboard(
    uid="confluent-clevel",
    file="clevel-cost-overview.json",
    title="C-Level - Confluent Cloud Cost",
    description="What Confluent Cloud cost in the chosen UTC days, for executives: total, credits, "
    "trend, and where it goes. USD.",
    panels=[
        stat(
            "Total Spend",
            "clevel/spend",
            (4, 4),
            "All charges above zero of the chosen days, before credits, after discounts. USD.",
        ),
        stat(
            "Total Credits",
            "clevel/credits",
            (4, 4),
            "All charges below zero of the chosen days: promotional and other credits. USD.",
        ),
        stat(
            "Net Cost",
            "clevel/net",
            (4, 4),
            "Spend plus credits of the chosen days: what is owed. USD. Days marked provisional are "
            "estimates until Confluent settles them.",
        ),
        stat(
            "Net Cost, Change",
            "clevel/change",
            (3, 4),
            "Net cost of the chosen days up to the last settled one, against as many days right "
            "before them. Percent. Nothing where those were not collected.",
            no_value="No earlier days",
            unit=PERCENT,
            decimals=1,
        ),
        stat(
            "Allocated",
            "clevel/allocated",
            (3, 4),
            "Share of the spend that a cost center owes; the rest has no owner yet. Percent.",
            unit=PERCENT,
            decimals=1,
        ),
        freshness(6),
        daily_bars(
            "Daily Cost Trend",
            "clevel/trend",
            (24, 9),
            "Net cost a UTC day, USD, and its average over up to 7 days. Light bars are "
            "provisional: Confluent may still restate them.",
            colours=STATES | {"Average of 7 days": "#FF9830"},
            lines=["Average of 7 days"],
            marks=(),
            totals=False,
        ),
        pie(
            "Cost by Environment",
            "common/usage_by_environment",
            (8, 14),
            "Spend before credits by environment, USD; the nine largest, the rest as Others. "
            "“No environment” are support, audit log and the like.",
        ),
        bar_gauge(
            "Top 10 Clusters",
            "clevel/top_clusters",
            (8, 14),
            "The ten resources of any kind with the highest net cost of the chosen days, USD.",
        ),
        bar_gauge(
            "Cost by Product",
            "common/largest_products",
            (8, 14),
            "Net cost by product in the chosen days, USD: the nine largest and the rest as Others; "
            "credits that name no product stand below zero and have no bar. All of it is Net Cost.",
            colours=PRODUCTS,
        ),
        organization_overview(deeper("confluent-chargeback", org="Organization key")),
    ],
)
