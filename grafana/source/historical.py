"""Historical Costs (SQL): how costs came about, for analysts and auditors."""

from grafana.source.common import environments_by_type, freshness, organization_overview
from grafana.source.dashboards import Dashboard, deeper
from grafana.source.palette import CREDITS, PRODUCTS
from grafana.source.panels import (
    bar_gauge,
    count,
    daily_bars,
    day,
    link,
    stat,
    table,
    usd,
    width,
)

VARIABLES = ("org", "environment", "product", "business_unit", "cluster", "cost_center")

DASHBOARD = Dashboard(
    uid="confluent-historical",
    file="historical_costs.json",
    title="Historical Costs (SQL)",
    description="How the costs of the chosen UTC days came about, straight from PostgreSQL, for "
    "analysts and auditors. USD.",
    variables=VARIABLES,
    panels=[
        stat(
            "Total, Usage and Credits",
            "chargeback/breakdown",
            (16, 4),
            "Of the chosen days, USD: the net cost, the charges above zero, and the credits.",
        ),
        freshness(8),
        daily_bars(
            "30-Day Cost Trend by Product",
            "common/daily_by_product",
            (24, 10),
            "USD a UTC day by product, of the chosen days (30 unless the time picker says "
            "otherwise); credits below zero.",
            colours=PRODUCTS,
        ),
        bar_gauge(
            "Product Cost Summary",
            "common/largest_products",
            (7, 14),
            "Net cost by product in the chosen days, USD: the nine largest and the rest as Others; "
            "credits that name no product stand below zero and have no bar.",
            colours=PRODUCTS,
        ),
        environments_by_type(
            "Environment Health",
            (17, 14),
            "Other: what names no resource, or one of another kind.",
            deeper("confluent-cluster", VARIABLES, environment="Environment id"),
        ),
        organization_overview(deeper("confluent-clevel", VARIABLES, org="Organization key")),
        table(
            "Cost Optimization Insights",
            "historical/insights",
            (24, 10),
            "Clusters worth a look, by the chosen days: inactive but still billed (no charge for "
            "traffic in the last 7 billed days, or no longer listed; dollars: what that cost), "
            "high variance (a spread above half of the average; dollars: the dearest day above the "
            "average), high cost (a tenth of the chosen costs of all clusters or more; dollars: "
            "all of it). USD.",
            columns={
                "Insight": width(180),
                "Cluster": link(
                    "Cost of this resource",
                    deeper("confluent-cluster", VARIABLES, cluster="Resource id"),
                ),
                "Reason": width(480),
                "Dollars": usd(),
                "Total": usd(),
            },
        ),
        daily_bars(
            "Credits & Discounts Tracking",
            "historical/credits",
            (24, 8),
            "What made the bill smaller, USD a UTC day: credits (charges below zero), and "
            "discounts (billed less list price).",
            colours={CREDITS: PRODUCTS[CREDITS], "Discounts": "#37B5C7"},
        ),
        table(
            "Daily Audit Table",
            "historical/audit",
            (24, 16),
            "Every UTC day and product: records, net cost, cost an hour (a 24th of the day's), "
            "the smallest and the largest record, USD; settled, or provisional: Confluent may "
            "still restate it.",
            columns={
                "Day": day(),
                "Records": count(total=True),
                "Total": usd(total=True),
                "Avg hourly": usd(decimals=4),
                "Min": usd(decimals=4),
                "Max": usd(decimals=4),
            },
        ),
    ],
)
