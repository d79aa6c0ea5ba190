"""What the company's inventory lists know beyond its bill: where things run, and as whom.

Everything here is data; the resources themselves are those of company.py. Custom connectors,
self-managed clusters, gateways and context engines are on the bill and in no list.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    cloud: str = "AWS"
    region: str = "eu-central-1"


HOME = Place()
ELSEWHERE = {
    "lkc-q81rvd": Place("AZURE", "westeurope"),
    "lkc-h5p2oc": Place("GCP", "europe-west3"),
}


@dataclass(frozen=True, slots=True)
class Connector:
    """Where a connector runs and as whom; `settings` are some of its own."""

    kafka: str
    account: str | None = None
    state: str = "RUNNING"
    klass: str = ""
    settings: tuple[tuple[str, str], ...] = ()


# Without an account it uses a Kafka API key, whose owner its configuration does not tell.
CONNECTORS = {
    "lcc-9ok2vw": Connector("lkc-7yz3mk", "sa-3kx9w1", settings=(("s3.bucket.name", "orders"),)),
    "lcc-3rm7dj": Connector("lkc-7yz3mk", "sa-3kx9w1", settings=(("keyfile", "****"),)),
    "lcc-6tn1xq": Connector(
        "lkc-7yz3mk",
        "sa-7qd4mz",
        settings=(("oracle.username", "CDC"), ("oracle.password", "****************")),
    ),
    "lcc-5vz8gp": Connector("lkc-m5w02j", "sa-w2p8ny"),
    "lcc-k2y4wb": Connector("lkc-x4c9pt", "sa-5hv0ct"),
    "lcc-d7q0sf": Connector("lkc-2vg8ha", "****"),
    "lcc-u1h9ne": Connector("lkc-r07tny", "sa-7qd4mz", state="PAUSED"),
    "lcc-z8c3ml": Connector("lkc-w1f6qz"),
    "lcc-f4j6oy": Connector("lkc-y6n4ra", "sa-b6j2rk"),
    "lcc-04ktd": Connector("lkc-09mkw", "sa-0e7gd", state="FAILED"),
    "lcc-p0x5ri": Connector("lkc-q81rvd", "sa-m1z5st", klass="MicrosoftSqlServerSource"),
}


@dataclass(frozen=True, slots=True)
class Ksqldb:
    kafka: str
    identity: str


KSQLDB = {
    "lksqlc-1wq8d": Ksqldb("lkc-q81rvd", "sa-m1z5st"),
    "lksqlc-7nz4h": Ksqldb("lkc-r07tny", "sa-m1z5st"),
    "lksqlc-0a3p": Ksqldb("lkc-03dge", "u-4k7vx2"),
}

MAX_CFU = {"lfcp-e5m2yx": 50, "lfcp-t9k7cv": 20, "lfcp-g3o1ws": 5}


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    description: str = ""


SERVICE_ACCOUNTS = (
    Account("sa-3kx9w1", "orders-connect", "team=checkout"),
    Account("sa-7qd4mz", "erp-cdc", "team=erp, cost center 4410"),
    Account("sa-w2p8ny", "payments-connect", "team=payments"),
    Account("sa-5hv0ct", "loyalty-connect", "team=loyalty"),
    Account("sa-b6j2rk", "lake-connect", "team=analytics"),
    Account("sa-m1z5st", "stores", "team=stores"),
    Account("sa-0e7gd", "dairy-connect", "Greenfield Dairies, bought in 2022"),
    Account("sa-x8u3fl", "terraform"),
)


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    full_name: str
    email: str
    auth_type: str = "AUTH_TYPE_SSO"


USERS = (
    Person("u-9d3hq5", "Ines Albrecht", "ines.albrecht@meridian.example"),
    Person("u-2wm8tb", "Tomasz Wrona", "tomasz.wrona@meridian.example"),
    Person("u-4k7vx2", "", "milk-quality@greenfield.example", "AUTH_TYPE_LOCAL"),
)
