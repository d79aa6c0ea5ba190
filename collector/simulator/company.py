"""The company whose bill is simulated: what it owns, and what each thing costs.

Everything here is data. Prices are USD per unit at list price; quantities are per UTC day for a
resource of size 1. Days are counted from the day the world is born.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

NAME = "Meridian Foods"

Rhythm = Literal["flat", "stored", "usage"]
"""flat: the same every day; stored: grows; usage: grows, and follows the week."""

Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment; `legacy` ones are billed in the shape used before 2024-05-15."""

    id: str
    name: str
    package: Literal["ESSENTIALS", "ADVANCED"]
    created: str
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """A share of a line's quantity that has its own price, and so its own row.

    Without dimensions or network nothing but price and quantity tells the rows of a line apart.
    """

    share: float
    price_factor: float = 1.0
    dimensions: Dimensions = ()
    network: str | None = None


@dataclass(frozen=True, slots=True)
class LineSpec:
    """One line of the price list. `omits` are fields the API leaves out, `nulls` sends as null."""

    product: str
    line_type: str
    unit: str
    price: float
    quantity: float
    rhythm: Rhythm = "usage"
    tiers: tuple[Tier, ...] = (Tier(1.0),)
    omits: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that is billed. `kinds` names the groups of lines in PRICE_LIST it is billed by."""

    id: str
    name: str
    environment: str | None
    kinds: tuple[str, ...]
    size: float = 1.0
    network: str | None = None
    dimensions: Dimensions = ()
    from_day: int = 0
    until_day: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the price list applied to a resource, or to the whole organization."""

    spec: LineSpec
    resource: Resource | None
    legacy: bool = False
    from_day: int = 0
    until_day: int | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """Money given back every `every` days from `first_day` on; `amount` is negative."""

    first_day: int
    every: int
    amount: float
    description: str
    product: str | None = None


# An environment of the company bought in 2022 keeps the old organization's shape of rows.
ENVIRONMENTS = (
    Environment("env-p7kd2w", "Production", "ADVANCED", "2024-06-03T08:12:44Z"),
    Environment("env-s3vn8q", "Staging", "ESSENTIALS", "2024-06-03T08:20:09Z"),
    Environment("env-d9xr4m", "Development", "ESSENTIALS", "2024-06-04T13:41:30Z"),
    Environment("env-a5tz1c", "Analytics", "ADVANCED", "2024-09-17T06:55:02Z"),
    Environment("env-g2lw0", "Greenfield Dairies", "ESSENTIALS", "2022-11-21T10:03:51Z", True),
)
PRODUCTION, STAGING, DEVELOPMENT, ANALYTICS, DAIRIES = (each.id for each in ENVIRONMENTS)

READ_TIERS = (
    Tier(0.7, 1.0, (("provider", "aws"), ("region", "eu-central-1"), ("from_gb", "0"))),
    Tier(0.3, 0.8, (("provider", "aws"), ("region", "eu-central-1"), ("from_gb", "1000"))),
)
NETWORK_SPLIT = (Tier(0.85, 1.0, (), "PRIVATE_LINK"), Tier(0.15, 1.0, (), "INTERNET"))
BARE_TIERS = (Tier(0.6), Tier(0.4, 0.75))

PRICE_LIST: dict[str, tuple[LineSpec, ...]] = {
    "dedicated": (
        LineSpec("KAFKA", "KAFKA_NUM_CKUS", "CKU-hour", 2.145, 24, "flat"),
        LineSpec("KAFKA", "KAFKA_STORAGE", "GB-hour", 0.00010958904, 9600, "stored"),
        LineSpec("KAFKA", "KAFKA_NETWORK_WRITE", "GB", 0.0286, 140, tiers=BARE_TIERS),
        LineSpec("KAFKA", "KAFKA_NETWORK_READ", "GB", 0.0286, 390, tiers=NETWORK_SPLIT),
    ),
    "elastic": (
        LineSpec("KAFKA", "KAFKA_NUM_CKUS", "CKU-hour", 0.875, 31.5),
        LineSpec("KAFKA", "KAFKA_STORAGE", "GB-hour", 0.00010958904, 4100, "stored"),
        LineSpec("KAFKA", "KAFKA_NETWORK_WRITE", "GB", 0.0363, 61),
        LineSpec("KAFKA", "KAFKA_NETWORK_READ", "GB", 0.0363, 118, tiers=READ_TIERS),
    ),
    "basic": (
        LineSpec("KAFKA", "KAFKA_NUM_CKUS", "CKU-hour", 0.14, 26.25),
        LineSpec("KAFKA", "KAFKA_STORAGE", "GB-hour", 0.00010958904, 240, "stored"),
        LineSpec("KAFKA", "KAFKA_NETWORK_WRITE", "GB", 0.05, 2.6151538e-05),
        LineSpec("KAFKA", "KAFKA_NETWORK_READ", "GB", 0.05, 0.0031422),
    ),
    "older-standard": (
        LineSpec("KAFKA", "KAFKA_BASE", "Hour", 1.5, 24, "flat"),
        LineSpec("KAFKA", "KAFKA_PARTITION", "Partition-hour", 0.004, 4320, "stored"),
        LineSpec("KAFKA", "KAFKA_STORAGE", "GB-hour", 0.00013698630, 2950, "stored"),
        LineSpec("KAFKA", "KAFKA_NETWORK_WRITE", "GB", 0.11, 21.4),
        LineSpec("KAFKA", "KAFKA_NETWORK_READ", "GB", 0.11, 48.9),
    ),
    "rest": (LineSpec("KAFKA", "KAFKA_REST_PRODUCE", "GB", 0.0225, 3.75),),
    "streams": (
        LineSpec("KAFKA", "KAFKA_STREAMS", "Instance-hour", 0.0125, 288, "flat", omits=("unit",)),
    ),
    "linking": (
        LineSpec("CLUSTER_LINK", "CLUSTER_LINKING_PER_LINK", "Link-hour", 0.5, 24, "flat"),
        LineSpec("CLUSTER_LINK", "CLUSTER_LINKING_WRITE", "GB", 0.02, 88.2),
        LineSpec("CLUSTER_LINK", "CLUSTER_LINKING_READ", "GB", 0.02, 87.6),
    ),
    "tableflow": (
        LineSpec("TABLEFLOW", "TABLEFLOW_NUM_TOPICS", "Topic-hour", 0.1, 192, "flat"),
        LineSpec("TABLEFLOW", "TABLEFLOW_DATA_PROCESSED", "GB", 0.04, 133),
        LineSpec("TABLEFLOW", "TABLEFLOW_STORAGE", "GB-hour", 0.00003150685, 5200, "stored"),
    ),
    "connector": (
        LineSpec("CONNECT", "CONNECT_NUM_TASKS", "Task-hour", 0.0347, 48, "flat"),
        LineSpec(
            "CONNECT", "CONNECT_THROUGHPUT", "GB", 0.025, 19.4, omits=("network_access_type",)
        ),
    ),
    "capacity": (
        LineSpec("CONNECT", "CONNECT_CAPACITY", "Task-hour", 0.19479, 96, "flat"),
        LineSpec("CONNECT", "CONNECT_NUM_RECORDS", "Record", 0.0000021, 1875000),
    ),
    "custom-connector": (
        LineSpec("CUSTOM_CONNECT", "CUSTOM_CONNECT_NUM_TASKS", "Task-hour", 0.1, 48, "flat"),
        LineSpec("CUSTOM_CONNECT", "CUSTOM_CONNECT_THROUGHPUT", "GB", 0.025, 7.3),
    ),
    "ksqldb": (
        LineSpec("KSQL", "KSQL_NUM_CSUS", "CSU-hour", 0.23, 24, "flat", omits=("granularity",)),
    ),
    "flink": (LineSpec("FLINK", "FLINK_NUM_CFUS", "CFU-hour", 0.21, 92.4),),
    "governance": (
        LineSpec("STREAM_GOVERNANCE", "GOVERNANCE_BASE", "Hour", 1.0, 24, "flat"),
        LineSpec("STREAM_GOVERNANCE", "NUM_RULES", "Rule-hour", 0.002, 648, "stored"),
    ),
    "registry": (
        LineSpec(
            "STREAM_GOVERNANCE",
            "SCHEMA_REGISTRY",
            "Schema-hour",
            0.002,
            1416,
            "stored",
            omits=("discount_amount",),
        ),
    ),
    "usm": (LineSpec("USM", "USM_CONNECTED_NODE", "Node-hour", 0.12, 72, "flat"),),
    # Not in any published list: collectors must keep what they do not know.
    "context-engine": (LineSpec("CONTEXT_ENGINE", "LIGHTNING_QUERY_UNITS", "QU-hour", 0.4, 36),),
    "gateway": (LineSpec("KAFKA", "KAFKA_NETWORK_READ", "GB", 0.0286, 12.5),),
    "store": (
        LineSpec("KAFKA", "KAFKA_NUM_CKUS", "CKU-hour", 0.14, 24),
        LineSpec("KAFKA", "KAFKA_STORAGE", "GB-hour", 0.00010958904, 310, "stored"),
        LineSpec("KAFKA", "KAFKA_NETWORK_WRITE", "GB", 0.05, 0.42),
        LineSpec("KAFKA", "KAFKA_NETWORK_READ", "GB", 0.05, 0.97),
    ),
}

DISCOUNTS = {"KAFKA": 0.087, "CONNECT": 0.08, "FLINK": 0.05, "CLUSTER_LINK": 0.087}
"""The share that the company's contract takes off, by product."""

LATE = {
    "CONNECT_NUM_RECORDS": 30,
    "NUM_RULES": 30,
    "AUDIT_LOG_READ": 36,
    "TABLEFLOW_STORAGE": 40,
    "SUPPORT": 48,
    "PROMO_CREDIT": 60,
}
"""Line types that turn up late: hours from the start of their day until they are in the bill."""

SUPPORT_PLANS = (
    (0, "SUPPORT_CLOUD_BASIC", 0.0),
    (14, "SUPPORT_CLOUD_DEVELOPER", 0.953),
    (35, "SUPPORT_CLOUD_BUSINESS", 32.877),
    (62, "SUPPORT_CLOUD_PREMIER", 197.26),
)
"""The plan upgraded over time: first day, product, USD a day."""

CREDITS = (
    Credit(9, 28, -250.0, "MERIDIAN-ONBOARDING"),
    Credit(17, 30, -37.4119402985, "Refund for the incident of the week before", "KAFKA"),
    Credit(24, 28, -0.3333333333333333, "KAFKA101"),
)


def _connector(id: str, name: str, environment: str, klass: str, size: float = 1.0) -> Resource:
    dimensions = (("provider", "aws"), ("region", "eu-central-1"), ("connector_type", klass))
    return Resource(id, name, environment, ("connector",), size, "INTERNET", dimensions)


KAFKA_CLUSTERS = (
    Resource(
        "lkc-7yz3mk",
        "orders-prod",
        PRODUCTION,
        ("dedicated", "linking", "tableflow", "streams"),
        8,
        "PRIVATE_LINK",
    ),
    Resource("lkc-q81rvd", "stores-prod", PRODUCTION, ("dedicated",), 4, "PEERED_VPC"),
    Resource("lkc-m5w02j", "payments-prod", PRODUCTION, ("elastic", "rest"), 3.2, "PRIVATE_LINK"),
    Resource("lkc-x4c9pt", "loyalty-prod", PRODUCTION, ("elastic",), 1.4, "TRANSIT_GATEWAY"),
    Resource("lkc-n36bke", "supply-prod", PRODUCTION, ("elastic",), 1.1, "PNI", from_day=30),
    Resource("lkc-2vg8ha", "orders-stage", STAGING, ("dedicated", "linking"), 1, "PRIVATE_LINK"),
    Resource("lkc-r07tny", "shared-stage", STAGING, ("elastic",), 0.6, "INTERNET"),
    Resource("lkc-j9d5xs", "load-test", STAGING, ("elastic",), 0.9, "INTERNET", until_day=60),
    Resource("lkc-w1f6qz", "playground", DEVELOPMENT, ("basic",), 1, "INTERNET"),
    Resource("lkc-b8k3lu", "team-checkout-dev", DEVELOPMENT, ("basic",), 1.6, "INTERNET"),
    Resource("lkc-h5p2oc", "team-stores-dev", DEVELOPMENT, ("basic",), 0.7, "INTERNET"),
    Resource("lkc-y6n4ra", "lake-feed", ANALYTICS, ("elastic", "tableflow"), 1.3, "MULTI"),
    Resource("lkc-03dge", "dairy-core", DAIRIES, ("older-standard",), 1.2, "INTERNET"),
    Resource("lkc-09mkw", "dairy-sensors", DAIRIES, ("older-standard", "rest"), 0.5, "INTERNET"),
)

CONNECTORS = (
    _connector("lcc-9ok2vw", "orders-to-s3", PRODUCTION, "S3_SINK", 2),
    _connector("lcc-3rm7dj", "orders-to-bigquery", PRODUCTION, "BigQuerySink"),
    _connector("lcc-6tn1xq", "erp-cdc", PRODUCTION, "OracleCdcSource", 3),
    _connector("lcc-5vz8gp", "payments-to-snowflake", PRODUCTION, "SnowflakeSink"),
    _connector("lcc-k2y4wb", "loyalty-to-elastic", PRODUCTION, "ElasticsearchSink"),
    _connector("lcc-d7q0sf", "orders-to-s3-stage", STAGING, "S3_SINK"),
    _connector("lcc-u1h9ne", "erp-cdc-stage", STAGING, "OracleCdcSource"),
    _connector("lcc-z8c3ml", "datagen", DEVELOPMENT, "DatagenSource", 0.5),
    _connector("lcc-f4j6oy", "lake-to-databricks", ANALYTICS, "DatabricksDeltaLakeSink"),
    _connector("lcc-04ktd", "dairy-mqtt", DAIRIES, "MqttSource"),
    Resource("lcc-p0x5ri", "stores-mirror", PRODUCTION, ("capacity",), 1, "INTERNET"),
    Resource("clcc-4sw9tz", "till-protocol", PRODUCTION, ("custom-connector",), 1.5),
    Resource("clcc-8eb1kv", "label-printer", STAGING, ("custom-connector",), 0.5),
)

PROCESSORS = (
    Resource("lksqlc-1wq8d", "stock-levels", PRODUCTION, ("ksqldb",), 8),
    Resource("lksqlc-7nz4h", "stock-levels-stage", STAGING, ("ksqldb",), 2),
    Resource("lksqlc-0a3p", "milk-quality", DAIRIES, ("ksqldb",), 1),
    Resource("lfcp-e5m2yx", "fraud-scoring", PRODUCTION, ("flink",), 3),
    Resource("lfcp-t9k7cv", "basket-insights", ANALYTICS, ("flink",), 2),
    Resource("lfcp-g3o1ws", "sandbox", DEVELOPMENT, ("flink",), 0.3),
)

PLATFORM = (
    Resource("lsrc-8xk2pn", "Stream Governance Package", PRODUCTION, ("governance", "registry")),
    Resource("lsrc-5dw6vq", "Stream Governance Package", STAGING, ("registry",), 0.5),
    Resource("lsrc-2rt9jm", "Stream Governance Package", DEVELOPMENT, ("registry",), 0.3),
    Resource("lsrc-6hy1zb", "Stream Governance Package", ANALYTICS, ("governance", "registry")),
    Resource("lsrc-07qe", "Schema Registry", DAIRIES, ("registry",), 0.2),
    # Self-managed, so it lives in no environment of the cloud.
    Resource("usmkc-3pd8n", "warehouse-on-premises", None, ("usm",)),
    Resource("rtce-m4v7kx", "shop-assistant", PRODUCTION, ("context-engine",), from_day=50),
    Resource("gw-2xk94h", "edge-gateway", PRODUCTION, ("gateway",), 1, "INTERNET"),
)

RESOURCES = KAFKA_CLUSTERS + CONNECTORS + PROCESSORS + PLATFORM


def _organization_lines() -> Iterator[Line]:
    """The lines that belong to no resource: some say so with null, others by leaving it out."""
    audit_log = LineSpec(
        "AUDIT_LOG", "AUDIT_LOG_READ", "GB", 0.05, 6.8, omits=("resource", "network_access_type")
    )
    yield Line(audit_log, None)
    ends = [first_day for first_day, _, _ in SUPPORT_PLANS[1:]] + [None]
    for (first_day, product, price), until_day in zip(SUPPORT_PLANS, ends, strict=True):
        spec = LineSpec(product, "SUPPORT", "Day", price, 1, "flat", nulls=("resource",))
        yield Line(spec, None, from_day=first_day, until_day=until_day)


def stores(count: int) -> Iterator[Resource]:
    """More Kafka clusters, to make the bill and the lists longer."""
    homes = (PRODUCTION, STAGING, DEVELOPMENT, ANALYTICS)
    for number in range(count):
        id, home = f"lkc-st{number:05d}", homes[number % len(homes)]
        yield Resource(id, f"store-{number:05d}", home, ("store",), 1, "INTERNET")


def _lines_of(resource: Resource) -> Iterator[Line]:
    legacy = any(each.legacy for each in ENVIRONMENTS if each.id == resource.environment)
    for kind in resource.kinds:
        for spec in PRICE_LIST[kind]:
            if spec.tiers == (Tier(1.0),) and resource.dimensions:
                spec = replace(spec, tiers=(Tier(1.0, 1.0, resource.dimensions),))
            yield Line(spec, resource, legacy, resource.from_day, resource.until_day)


def lines(scale: int = 0) -> tuple[Line, ...]:
    """Every line of the company, with `scale` more Kafka clusters of four lines each."""
    found = list(_organization_lines())
    for resource in (*RESOURCES, *stores(scale)):
        found.extend(_lines_of(resource))
    return tuple(found)
