"""One meaning per colour, on every dashboard.

What is not named here (resources, environments, products to come) takes Grafana's palette.
"""

CREDITS = "Credits"
OTHERS = "Others"
UNALLOCATED = "Unallocated"

PRODUCTS = {
    "KAFKA": "#3D71D9",
    "CLUSTER_LINK": "#8AB8FF",
    "CONNECT": "#FF9830",
    "CUSTOM_CONNECT": "#FFCB7D",
    "FLINK": "#E0588C",
    "KSQL": "#A352CC",
    "STREAM_GOVERNANCE": "#E5C100",
    "TABLEFLOW": "#37B5C7",
    "CONTEXT_ENGINE": "#F29191",
    "USM": "#CA95E5",
    "AUDIT_LOG": "#C0A080",
    "SUPPORT_CLOUD_BASIC": "#B8BEC7",
    "SUPPORT_CLOUD_DEVELOPER": "#9FA7B3",
    "SUPPORT_CLOUD_BUSINESS": "#858D99",
    "SUPPORT_CLOUD_PREMIER": "#6B7380",
    "PROMO_CREDIT": "#96D98D",
    CREDITS: "#96D98D",
    OTHERS: "#55595F",
}
CONFIDENCE = {"High": "#56A64B", "Medium": "#F2CC0C", "Low": "#F2495C"}
OWNERS = {UNALLOCATED: "#F2495C", CREDITS: PRODUCTS[CREDITS], OTHERS: PRODUCTS[OTHERS]}
STAGES = {
    "Production": "#3D71D9",
    "Non-production": "#8AB8FF",
    "Stage not said": "#FF9830",
    "No environment": "#9FA7B3",
}
RESOURCES = {CREDITS: PRODUCTS[CREDITS], OTHERS: PRODUCTS[OTHERS], "No resource": "#9FA7B3"}
STATES = {"Settled": "#3D71D9", "Provisional": "#8AB8FF"}

NEUTRAL = "#3D71D9"
GOOD, WATCH, BAD = (CONFIDENCE[level] for level in ("High", "Medium", "Low"))
