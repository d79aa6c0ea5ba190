"""Confluent Cloud Chargeback: which cost belongs to what, for FinOps."""

from grafana.source.common import freshness
from grafana.source.dashboards import Dashboard, deeper
from grafana.source.palette import OWNERS, PRODUCTS, RESOURCES, STATES
from grafana.source.panels import (
    COUNT,
    Row,
    bar_gauge,
    count,
    daily_bars,
    link,
    narrowed,
    percent,
    pie,
    stat,
    table,
    usd,
)

VARIABLES = ("org", "environment", "product", "business_unit", "cluster", "cost_center")

DASHBOARD = Dashboard(
    uid="confluent-chargeback",
    file="ccloud_chargeback.json",
    title="Confluent Cloud Chargeback",
    description="Which cost belongs to which environment, cluster, product and business unit in "
    "the chosen UTC days, for FinOps. USD.",
    variables=VARIABLES,
    panels=[
        stat(
            "Overall Cost Breakdown",
            "chargeback/breakdown",
            (16, 4),
            "Of the chosen days, USD: the net cost, the charges above zero, and the credits. "
            "Total cost = usage + credits.",
        ),
        freshness(8),
        daily_bars(
            "Data Coverage",
            "chargeback/coverage",
            (24, 6),
            "Records (bill lines, or shares of one) a UTC day. A day without a bar has no charge "
            "for these choices; light bars are provisional.",
            colours=STATES,
            marks=(),
            unit=COUNT,
            decimals=0,
        ),
        pie(
            "Cost per Environment",
            "common/usage_by_environment",
            (12, 9),
            "Spend before credits by environment, USD; the nine largest, the rest as Others.",
        ),
        pie(
            "Cost per Kafka Cluster",
            "chargeback/usage_by_kafka_cluster",
            (12, 9),
            "Spend before credits by Kafka cluster (lkc-...), USD; the nine largest, the rest as "
            "Others. Connectors and the like are not in it.",
            colours=RESOURCES,
        ),
        pie(
            "Cost per Product Group",
            "common/usage_by_product",
            (12, 9),
            "Spend before credits by product, USD; the nine largest, the rest as Others.",
            colours=PRODUCTS,
        ),
        pie(
            "Cost per Resource Type",
            "chargeback/usage_by_resource_type",
            (12, 9),
            "Spend before credits by what is billed, USD, as the resource's id tells it. “No "
            "resource” are support, audit log and the like.",
            colours=RESOURCES,
        ),
        bar_gauge(
            "Cost by Cluster",
            "chargeback/top_clusters",
            (12, 20),
            "The 15 resources of any kind with the highest net cost of the chosen days, USD.",
        ),
        bar_gauge(
            "Cost by Business Unit",
            "chargeback/cost_by_business_unit",
            (12, 20),
            "Net cost by who owes it, USD, as allocated on each charge's own day. Red: no owner.",
            colours=OWNERS,
        ),
        Row(
            "Environment Details",
            [
                stat(
                    "Net Cost per Environment",
                    "chargeback/environment_details",
                    (24, 8),
                    "Net cost of each environment in the chosen days, USD; the 11 largest, the "
                    "rest as Others.",
                    per_row=True,
                )
            ],
        ),
        Row(
            "Kafka Cluster Details",
            [
                narrowed(
                    stat(
                        "Net Cost per Kafka Cluster",
                        "chargeback/resource_details",
                        (24, 8),
                        "Net cost of each Kafka cluster (lkc-...) in the chosen days, USD; the 11 "
                        "largest, the rest as Others.",
                        per_row=True,
                    ),
                    "cluster_id LIKE 'lkc-%'",
                )
            ],
        ),
        Row(
            "Resource Details",
            [
                stat(
                    "Net Cost per Resource",
                    "chargeback/resource_details",
                    (24, 10),
                    "Net cost of each billed resource in the chosen days, USD; the 11 largest, "
                    "the rest as Others.",
                    per_row=True,
                )
            ],
        ),
        Row(
            "Product Details",
            [
                stat(
                    "Net Cost per Product",
                    "common/largest_products",
                    (24, 8),
                    "Net cost by product in the chosen days, USD: the nine largest, those below "
                    "zero, and the rest as Others. They add up to Total cost.",
                    per_row=True,
                )
            ],
        ),
        Row(
            "Chargeback Detail Table",
            [
                table(
                    "Chargeback Detail Table",
                    "chargeback/details",
                    (24, 16),
                    "Every environment, resource and product with a charge in the chosen days. Net "
                    "cost in USD; hourly over the days with a charge; share of all rows' net cost.",
                    columns={
                        "Environment": link(
                            "Its clusters",
                            deeper("confluent-cluster", VARIABLES, environment="Environment id"),
                        ),
                        "Resource": link(
                            "Its days, for audit",
                            deeper("confluent-historical", VARIABLES, cluster="Resource id"),
                        ),
                        "Total cost": usd(total=True),
                        "Avg hourly": usd(decimals=4),
                        "Days active": count(),
                        "Share": percent(),
                    },
                )
            ],
        ),
    ],
)
