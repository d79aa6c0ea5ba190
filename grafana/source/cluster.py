"""Cost by Cluster: which resources cost what, for platform engineers."""

from grafana.source.common import environments_by_type, freshness
from grafana.source.dashboards import Dashboard, deeper
from grafana.source.palette import PRODUCTS, RESOURCES
from grafana.source.panels import (
    COUNT,
    count,
    daily_bars,
    day,
    link,
    narrowed,
    pie,
    stat,
    table,
    usd,
    width,
)

VARIABLES = ("org", "environment", "product", "business_unit", "cluster", "cost_center")

RESOURCES_ONLY = "cluster_id <> 'none'"

DASHBOARD = Dashboard(
    uid="confluent-cluster",
    file="cost-by-cluster.json",
    title="Cost by Cluster",
    description="What each cluster (any billed resource) costs in the chosen UTC days, for "
    "platform engineers. USD. Support, audit log and credits name no resource and are not in it.",
    variables=VARIABLES,
    panels=[
        stat(
            "Total Cluster Cost",
            "cluster/summary_cost",
            (4, 4),
            "Net cost of all charges that name a resource, of the chosen days. USD.",
        ),
        stat(
            "Active Clusters",
            "cluster/summary_clusters",
            (4, 4),
            "Resources of any kind with a charge in the chosen days.",
            unit=COUNT,
            decimals=0,
        ),
        stat(
            "Avg Daily Cost",
            "cluster/summary_average",
            (4, 4),
            "Average net cost of a resource on a UTC day on which it had a charge. USD.",
        ),
        stat(
            "Active Environments",
            "cluster/summary_environments",
            (4, 4),
            "Environments with a resource that had a charge in the chosen days.",
            unit=COUNT,
            decimals=0,
        ),
        freshness(8),
        daily_bars(
            "Daily Cost by Cluster",
            "cluster/daily",
            (24, 10),
            "USD a UTC day: the ten dearest resources of the chosen days, the rest as Others; "
            "credits below zero.",
            colours=RESOURCES,
        ),
        table(
            "Cluster Ranking Table",
            "cluster/ranking",
            (17, 14),
            "Every resource and product with a charge in the chosen days, the dearest first. Net "
            "cost in USD; daily over the days with a charge.",
            columns={
                "Cluster": link(
                    "Only this resource",
                    deeper("confluent-cluster", VARIABLES, cluster="Resource id"),
                ),
                "Resource id": link(
                    "Its days, for audit",
                    deeper("confluent-historical", VARIABLES, cluster="Resource id"),
                )
                | width(130),
                "Type": width(110),
                "Product": width(160),
                "Total": usd(total=True),
                "Avg daily": usd(),
                "Days active": count() | width(105),
                "Last charge": day(),
            },
        ),
        narrowed(
            pie(
                "Cost by Product",
                "common/usage_by_product",
                (7, 14),
                "Spend before credits of all charges that name a resource, by product, USD; the "
                "nine largest, the rest as Others.",
                colours=PRODUCTS,
            ),
            RESOURCES_ONLY,
        ),
        narrowed(
            environments_by_type(
                "Environment x Cluster Matrix",
                (24, 9),
                "Other: resources of another kind.",
                deeper("confluent-cluster", VARIABLES, environment="Environment id"),
            ),
            RESOURCES_ONLY,
        ),
    ],
)
