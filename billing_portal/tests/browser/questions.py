"""Which amounts a page may show: those that the API gives for the page's own questions.

What a page works out of them (a change, a run rate) is worked out here once more.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client

from billing_portal.tests.browser.company import LAST, SETTLED, TODAY
from dimensions.access import limits_of

ONE_DAY, A_WEEK, A_YEAR = timedelta(days=1), timedelta(days=7), timedelta(days=366)
MONTH = date(2026, 11, 1)
MOST_ROWS = 1_000
DIRECT = [("exclude[method]", "shared_proportional")]
SHARED = [("method", "shared_proportional")]


class Api:
    """Asks as the user; every answer is the set of its amounts."""

    def __init__(self, user):
        self.client = Client()
        self.client.force_login(user)
        self.is_limited = limits_of(user) is not None
        self.known = {}

    def document(self, route, pairs):
        address = f"/api/v1/{route}?{urlencode(pairs)}"
        if address not in self.known:
            answer = self.client.get(address)
            assert answer.status_code == 200, (address, answer.content)
            self.known[address] = answer.json()
        return self.known[address]

    def costs(self, pairs=(), granularity="total", by=(), **said):
        """Of the rows and of their total."""
        asked = [*pairs, ("granularity", granularity), *(("group_by", name) for name in by)]
        document = self.document("costs", [*asked, *said.items(), ("limit", MOST_ROWS)])
        assert len(document["data"]) < MOST_ROWS
        return amounts([*document["data"], document["meta"]["total"]])

    def total(self, *pairs):
        document = self.document("costs", [*pairs, ("granularity", "total")])
        return Decimal(document["meta"]["total"]["cost_usd"])

    def summary(self, *pairs):
        found = self.document("costs/summary", pairs)["data"]
        return {Decimal(value) for name, value in found.items() if name.endswith("_usd")}

    def lines(self, *pairs):
        data = self.document("costs/line-items", pairs)["data"]
        discounts = {Decimal(row["discount_amount"] or 0) for row in data}
        return amounts(data) | discounts | {sum(Decimal(row["amount_usd"]) for row in data)}


def amounts(rows):
    return {
        Decimal(value)
        for row in rows
        for name, value in row.items()
        if name.endswith("_usd") and value is not None
    }


def days(start, end):
    """From start to before end."""
    return [("start_date", start.isoformat()), ("end_date", end.isoformat())]


def known_amounts(api, address):
    """What the API says to the questions of the page."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query)
    for pattern, questions in PAGES.items():
        if match := re.fullmatch(pattern, parts.path):
            return questions(api, pairs, *match.groups())
    raise AssertionError(f"What does {address} ask?")


def overview(api, pairs):
    by = dict(pairs).get("by", "product")
    recent = days(LAST - 29 * ONE_DAY, LAST + ONE_DAY)
    settled = days(MONTH, SETTLED + ONE_DAY)
    whole, earlier = api.total(*settled), api.total(*days(date(2026, 10, 1), date(2026, 10, 15)))
    known = {whole, earlier, whole - earlier, whole / SETTLED.day * 30}
    known |= api.summary(*days(MONTH, LAST + ONE_DAY)) | api.summary(("period", "last_month"))
    known |= api.costs(recent, "daily", [by], top="8") | api.costs(recent, "daily")
    known |= api.costs(recent, "total", [by], top="8")
    for name in ("cluster", "env", "business_unit"):
        known |= api.costs(recent, by=[name], top="5")
    week = days(SETTLED - 6 * ONE_DAY, SETTLED + ONE_DAY)
    return known | api.costs(week, by=["cluster"], compare="previous")


def explorer(api, pairs):
    asked = [pair for pair in pairs if pair[0] not in ("granularity", "group_by", "top", "chart",
                                                       "compare")]  # fmt: skip
    by = [value for name, value in pairs if name == "group_by"]
    said = dict(pairs)
    granularity, compare = said.get("granularity", "daily"), said.get("compare", "none")
    top = {"top": said.get("top", "10")} if by else {}
    return (
        api.costs(asked, granularity, by, **top)
        | api.costs(asked, granularity)
        | api.costs(asked, "total", by, compare=compare, **top)
    )


def values(api, pairs):
    asked = [pair for pair in pairs if pair[0] != "dimension"]
    return api.costs(asked, by=[dict(pairs)["dimension"]])


def changes(api, pairs):
    asked = [pair for pair in pairs if pair[0] != "by"]
    return api.costs(asked, by=[dict(pairs)["by"]], compare="previous")


def of_day(api, pairs, text):
    day = date.fromisoformat(text)
    step = dict(pairs).get("against", "week")
    granularity = {"week": "weekly", "day": "daily"}[step]
    asked = [*days(day, day + ONE_DAY), *(pair for pair in pairs if pair[0] != "against")]
    known = api.summary(*asked)
    for by in (["cluster", "line_type"], ["business_unit", "cost_center"], []):
        known |= api.costs(asked, granularity, by, compare="previous")
    return known


def explanation(api, pairs):
    said = dict(pairs)
    day = date.fromisoformat(said.pop("day"))
    asked = [*days(day, day + ONE_DAY), *said.items()]
    return (
        api.lines(*asked)
        | api.costs(asked, by=["cost_center", "method"])
        | api.costs(asked, by=["line_type", "cost_center", "method"])
    )


def of_thing(api, pairs, kind, id):
    said = dict(pairs)
    by = said.pop("by", "line_type")
    thing = [(kind, id), ("org", said.pop("org", "o-1"))]
    asked = [*thing, *said.items()]
    end = date.fromisoformat(said["end_date"]) if "end_date" in said else TODAY + ONE_DAY
    end = MONTH if said.get("period") == "last_month" else end
    year = [*thing, *days(end - A_YEAR, end)]
    return (
        api.costs(asked, by=["cluster"], compare="previous")
        | api.costs(asked, "daily", [by], top="10")
        | api.costs(asked, "daily")
        | api.costs(asked, by=[by], top="10")
        | api.costs(year, by=["cost_center", "business_unit", "method"])
    )


def statements(api, pairs, text):
    month = of_month(text)
    known = set()
    for by in (["business_unit", "cost_center"], ["business_unit"]):
        known |= api.costs(month, by=by, compare="previous")
        known |= api.costs([*month, *SHARED], by=by, cost_type="usage")
        known |= api.costs([*month, *DIRECT], by=by, cost_type="usage")
        known |= api.costs(month, by=by, cost_type="credits")
    return known


def statement(api, pairs, text):
    month = of_month(text)
    said = {"compare": "previous"}
    asked = [*month, *pairs]
    by_charge = ["product", "line_type", "method"]
    known = {api.total(*month)} | api.costs(asked, **said)
    known |= api.costs([*asked, *DIRECT], by=["cluster", "env", "product"], cost_type="usage",
                       **said)  # fmt: skip
    known |= api.costs([*asked, *SHARED], by=by_charge, cost_type="usage", **said)
    known |= api.costs(asked, by=by_charge, cost_type="credits", **said)
    for name in ("product", "env", "confidence"):
        known |= api.costs(asked, by=[name], **said)
    return known


def of_month(text):
    first = date.fromisoformat(f"{text}-01")
    return days(first, (first + 31 * ONE_DAY).replace(day=1))


def quality(api, pairs):
    recent = days(LAST - 29 * ONE_DAY, LAST + ONE_DAY)
    nobodys = [*recent, ("cost_center", "Unallocated")]
    known = api.costs(nobodys, by=["org", "cluster", "env"])
    known |= api.costs(recent, by=["env", "confidence"]) | api.costs(recent, by=["env"])
    known |= api.costs(recent, by=["product"]) | api.costs(recent, by=["line_type"])
    if api.is_limited:
        return known
    restated = [*days(date(2026, 11, 10), date(2026, 11, 11)), ("org", "o-1")]
    was, now = (sum_of_lines(api, *restated, ("version", version)) for version in (1, 2))
    return known | {was, now, now - was}


def sum_of_lines(api, *pairs):
    data = api.document("costs/line-items", pairs)["data"]
    return sum(Decimal(row["amount_usd"]) for row in data)


def proof(api, pairs):
    return {Decimal(api.document("costs/reconciliation", pairs)["data"]["amount_usd"])}


PAGES = {
    "/": overview,
    "/explore": explorer,
    "/explore/values": values,
    "/changes": changes,
    "/days/(.+)": of_day,
    "/explain": explanation,
    "/clusters/(.+)": lambda api, pairs, id: of_thing(api, pairs, "cluster", id),
    "/environments/(.+)": lambda api, pairs, id: of_thing(api, pairs, "env", id),
    "/chargeback/([^/]+)": statements,
    "/chargeback/([^/]+)/statement": statement,
    "/quality": quality,
    "/quality/proof": proof,
}
