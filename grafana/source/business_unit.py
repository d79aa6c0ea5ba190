"""Cost by Business Unit: who owes what, for business managers and controllers."""

from grafana.source.common import freshness
from grafana.source.dashboards import Dashboard, deeper
from grafana.source.palette import OWNERS, PRODUCTS, STAGES, UNALLOCATED
from grafana.source.panels import (
    COUNT,
    PERCENT,
    count,
    daily_bars,
    field_override,
    link,
    pie,
    share,
    stat,
    steps,
    table,
    usd,
    width,
)

VARIABLES = ("org", "environment", "product", "business_unit", "cost_center")
MATRIX = (
    *("KAFKA", "CLUSTER_LINK", "CONNECT", "FLINK", "KSQL", "STREAM_GOVERNANCE", "TABLEFLOW"),
    *("SUPPORT", "Others", "All products"),
)

DASHBOARD = Dashboard(
    uid="confluent-business-unit",
    file="cost-by-business-unit.json",
    title="Cost by Business Unit",
    description="Who owes what in the chosen UTC days: business units and cost centers, of which "
    "products and environments. USD.",
    variables=VARIABLES,
    panels=[
        stat(
            "Summary Statistics",
            "business_unit/summary",
            (12, 4),
            "Of the chosen days: charges above zero and net cost a day with a charge, USD; "
            "resources and environments with a charge.",
            overrides=[
                field_override("Active clusters", {"unit": COUNT, "decimals": 0}),
                field_override("Active environments", {"unit": COUNT, "decimals": 0}),
            ],
        ),
        stat(
            "Unallocated",
            "business_unit/unallocated",
            (6, 4),
            "Net cost that no cost center owes, USD, and its share of the charges above zero. (The "
            "business unit Unallocated also has what cost centers without a unit owe.)",
            overrides=[
                field_override("Of the usage", {"unit": PERCENT, "decimals": 1}),
                field_override(UNALLOCATED, steps((None, "text"), (0.005, OWNERS[UNALLOCATED]))),
            ],
        ),
        freshness(6),
        table(
            "Cost by Business Unit",
            "business_unit/by_business_unit",
            (12, 9),
            "What each business unit owes of the chosen days, USD: charges above zero, credits, "
            "net cost, and the share of the charges above zero.",
            columns={
                "Business unit": link(
                    "Only this business unit",
                    deeper("confluent-business-unit", VARIABLES, business_unit="Code"),
                ),
                "Usage": usd(total=True),
                "Credits": usd(total=True),
                "Net cost": usd(total=True),
                "Share of usage": share(),
            },
        ),
        daily_bars(
            "Daily Cost by Business Unit",
            "business_unit/daily_by_business_unit",
            (12, 9),
            "USD a UTC day by who owes it; credits below zero. Red: nobody yet.",
            colours=OWNERS,
        ),
        table(
            "Cost by Cost Center",
            "business_unit/by_cost_center",
            (15, 11),
            "What each cost center owes of the chosen days, USD, under the business unit that it "
            "belonged to on the day of the charge.",
            columns={
                "Cost center": link(
                    "Its charges in detail",
                    deeper(
                        "confluent-chargeback",
                        VARIABLES,
                        business_unit="Unit's code",
                        cost_center="Cost center",
                    ),
                )
                | width(110),
                "Usage": usd(total=True),
                "Credits": usd(total=True),
                "Net cost": usd(total=True),
                "Share of usage": share(),
                "Unit's code": width(120),
            },
        ),
        daily_bars(
            "Daily Cost by Cost Center",
            "business_unit/daily_by_cost_center",
            (9, 11),
            "USD a UTC day by cost center: the ten largest and Unallocated, the rest as Others; "
            "credits below zero.",
            colours=OWNERS,
        ),
        pie(
            "Cost by Product",
            "common/usage_by_product",
            (8, 9),
            "Spend before credits by product, USD; the nine largest, the rest as Others.",
            colours=PRODUCTS,
        ),
        pie(
            "Cost by Environment",
            "common/usage_by_environment",
            (8, 9),
            "Spend before credits by environment, USD; the nine largest, the rest as Others.",
        ),
        pie(
            "Production and Non-production",
            "business_unit/usage_by_stage",
            (8, 9),
            "Spend before credits by the environments' stage, USD. Stages are set in the portal's "
            "admin, Environments.",
            colours=STAGES,
        ),
        daily_bars(
            "Daily Cost by Product",
            "common/daily_by_product",
            (24, 9),
            "USD a UTC day by product; credits below zero.",
            colours=PRODUCTS,
        ),
        table(
            "Product x Environment Matrix",
            "business_unit/environment_by_product",
            (24, 9),
            "Average net cost a day, USD, of each product in each environment, over the days that "
            "have any of the chosen charges: all cells add up to the average daily cost. CONNECT "
            "has custom connectors in it; Others are the products without a column.",
            columns={
                "Environment": link(
                    "Its clusters",
                    deeper("confluent-cluster", VARIABLES, environment="Environment id"),
                ),
                **{product: usd(total=True) for product in MATRIX},
                "CLUSTER_LINK": usd(total=True) | width(120),
                "STREAM_GOVERNANCE": usd(total=True) | width(185),
                "Products": count(),
            },
        ),
    ],
)
