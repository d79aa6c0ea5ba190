"""An address that asks for what there is not is answered in words, whatever stands in it."""

from urllib.parse import urlencode

import pytest
import time_machine

from billing_portal.tests import stored
from billing_portal.tests.markup import markup_of
from billing_portal.tests.pages import BROWSER
from costs.tests.billed import EVERY_DAY
from costs.web.asking import FIELDS

DAYS = urlencode(EVERY_DAY)
HTMX = {"hx-request": "true"}
# Each page with what it needs to be answered, and a parameter that it takes of each kind.
PAGES = {
    "/": {"word": "by"},
    "/explore": {"word": "granularity", "day": "start_date", "number": "top", "text": "cluster"},
    "/explore/values": {"word": "dimension", "day": "end_date", "text": "org"},
    "/changes": {"word": "by", "day": "start_date", "text": "exclude[env]"},
    "/days/2026-10-30": {"word": "against", "text": "product"},
    "/explain?cluster=lkc-1": {"day": "day", "text": "org"},
    "/clusters/lkc-1": {"word": "by", "day": "start_date", "text": "org"},
    "/environments/env-1": {"word": "period", "day": "end_date", "text": "org"},
    "/chargeback/2026-10": {},
    "/chargeback/2026-10/statement?cost_center=CC-1": {"text": "business_unit"},
    "/quality": {"number": "months", "day": "since"},
    "/quality/proof": {"word": "period", "day": "start_date"},
    "/runs": {"number": "page", "word": "state"},
    "/runs/{run}": {},
}
WRONG = {
    "word": ["moon", "", " ", "\u0661", "<script>", "a\x00b", "\ufffd", "X" * 501, "MTD"],
    "day": [
        *("9999-12-31", "0001-01-01", "2100-01-01", "2014-12-31", "0000-00-00", "2026-02-31"),
        *("2026-13-01", "20261030", "2026-W44-5", "2026-10-30T00:00", "-2026-10-30", "today"),
        *("\u0662\u0660\u0662\u0666-\u0661\u0660-\u0663\u0660", "2026-10-30\x00", " 2026-10-30"),
        "9" * 400,
    ],
    "number": [
        *("0", "-1", "1.5", "1e3", "+1", " 1", "\u0661", "\xb2", "\u2460", "\uff11", "0x10", "NaN"),
        *("99999999999", "9" * 400, "9" * 5_000, "1_000", "1,000"),
    ],
    "text": ["a\x00b", "\x00", "X" * 501],
}
CASES = [(address, name, kind) for address, names in PAGES.items() for kind, name in names.items()]


@pytest.fixture(autouse=True)
def run(db, kept_company, client):
    """The id of a run."""
    with time_machine.travel("2026-11-04T09:00:00+00:00", tick=False):
        client.force_login(stored.superuser())
        yield kept_company.runs.get().pk


def refusal(client, address, query, headers=None):
    """What a page says to an address that it cannot answer."""
    joined = f"{address}{'&' if '?' in address else '?'}{query}"
    answer = client.get(joined, headers={"accept": BROWSER} | (headers or {}))
    assert answer.status_code == 400, (joined[:200], answer.status_code)
    page = markup_of(answer)
    assert page.wrong == []
    if address == "/explore":
        assert "This cannot be answered" in page.words
        assert "Group by" in page.words  # the form
    else:
        assert "The address asks for something that there is not" in page.words
    return page


def called(address, name):
    """The explorer speaks of the fields of its form."""
    return FIELDS.get(name, name) if address == "/explore" else name


@pytest.mark.parametrize("address", PAGES)
def test_a_parameter_that_there_is_not_is_named(client, run, address):
    for name in ("moon", "<b>", "a\x00b", "\u0661", "org[]", "X" * 2_000):
        page = refusal(client, address.format(run=run), urlencode({name: "1"}))
        assert "There is no such parameter." in page.words
    assert "moon: There is no such parameter." in refusal(
        client, address.format(run=run), "moon=1&moon=2"
    ).words.replace(" :", ":")


@pytest.mark.parametrize(("address", "name", "kind"), CASES)
def test_a_wrong_value_is_told_beside_its_parameter(client, address, name, kind):
    for value in WRONG[kind]:
        if address.startswith("/explore") and not value:
            continue  # an empty field of the form says nothing
        page = refusal(client, address, urlencode({name: value}))
        assert called(address, name) in page.words


@pytest.mark.parametrize(
    ("address", "name"), [(address, name) for address, name, kind in CASES if kind != "text"]
)
def test_a_parameter_that_is_said_twice_is_refused(client, address, name):
    said = {"number": ("1", "2"), "day": ("2026-10-30", "2026-10-31")}.get(
        next(kind for *case, kind in CASES if case == [address, name]), ("total", "daily")
    )
    page = refusal(client, address, urlencode([(name, value) for value in said]))

    assert (
        f"{called(address, name)}: Give it once." in page.words.replace(" :", ":")
        or name == "state"
    )


@pytest.mark.parametrize(
    "address", [address for address, name, kind in CASES if name in ("start_date", "end_date")]
)
def test_days_that_end_before_they_begin_are_refused(client, address):
    for first, end in (("2026-11-03", "2026-10-30"), ("2026-10-30", "2026-10-30")):
        page = refusal(client, address, urlencode({"start_date": first, "end_date": end}))
        assert f"{end} is not after {first}" in page.words


@pytest.mark.parametrize("name", ["cluster", "exclude[org]", "env", "business_unit"])
@pytest.mark.parametrize("address", ["/explore", "/explore/values", "/changes", "/days/2026-10-30"])
def test_a_thousand_values_are_too_many(client, address, name):
    page = refusal(client, address, urlencode([(name, f"x-{number}") for number in range(1_000)]))

    assert "At most 200 values are taken, not 1000." in page.words


def test_more_parameters_than_django_reads_are_refused(client):
    answer = client.get("/explore?" + urlencode([("cluster", str(n)) for n in range(1_001)]))

    assert answer.status_code == 400
    assert "The request cannot be read" in markup_of(answer).words


def test_the_most_values_are_answered(client):
    values = [("cluster", f"{number:03}" * 50) for number in range(200)]

    assert client.get(f"/explore?{urlencode(values)}&{DAYS}").status_code == 200


def test_the_explorer_keeps_in_its_form_what_was_said(client):
    content = client.get("/explore?start_date=2026-10-30&top=7&compare=moon&org=x").content.decode()

    assert 'name="start_date" id="start_date" value="2026-10-30"' in content
    assert '<option value="7" selected>7</option>' in content
    assert 'name="org" value="x" checked' in content


def test_the_explorer_says_the_same_to_its_script(client):
    for query in ("granularity=moon", "top=%C2%B2", "start_date=9999-12-31", "cluster=%00"):
        page = refusal(client, "/explore", query, HTMX)
        assert called("/explore", query.partition("=")[0]) in page.words


@pytest.mark.parametrize(
    "query",
    [
        "granularity=hourly&start_date=2026-01-01&end_date=2026-03-01",
        "granularity=hourly&compare=previous",
        "top=5",
        "group_by=cluster&group_by=moon",
        "group_by=cluster,,env",
        "stage=moon",
        "confidence=HIGH",
        "order_by=moon",
        "order_by=cost&order_by=-cost",
        "period=mtd&end_date=2026-10-30",
        "end_date=2026-10-30",
    ],
)
def test_a_question_that_contradicts_itself_is_refused(client, query):
    # Chosen days count where the form says a period too.
    if query.startswith("period"):
        answer = client.get(f"/explore?{query}")
        assert (answer.status_code, answer["Location"]) == (302, "/explore?period=mtd")
    else:
        refusal(client, "/explore", query)


@pytest.mark.parametrize(
    "address",
    [
        *("/days/9999-12-31", "/days/0001-01-01", "/days/2026-02-31", "/days/2014-12-31"),
        *("/days/2100-01-01", "/days/26-1-1", "/days/2026-10-30%00", "/days/", "/days/today"),
        "/days/%D9%A2%D9%A0%D9%A2%D9%A6-%D9%A1%D9%A0-%D9%A3%D9%A0",
        *(
            "/chargeback/9999-12",
            "/chargeback/0001-01",
            "/chargeback/2026-13",
            "/chargeback/0000-00",
        ),
        *("/chargeback/2099-12/statement?business_unit=BU-1", "/chargeback/2026-1"),
        "/chargeback/2026-10/statement?business_unit=BU-x",
        *("/clusters/x", "/clusters/", "/clusters/a%00b", "/clusters/%ED%A0%80", "/clusters/%FF"),
        *("/clusters/lkc-1%0A", "/clusters/lkc-1?org=x", f"/clusters/{'X' * 5_000}"),
        *("/environments/a%00b", "/environments/%ED%A0%80", "/environments/env-1/"),
        *(
            "/runs/0",
            "/runs/-1",
            "/runs/99999999999999999999",
            f"/runs/{'9' * 5_000}",
            "/runs/%D9%A1",
        ),
        *("/account/tokens/x/revoke", "/account/tokens/a%00b/revoke"),
    ],
)
def test_what_there_is_not_is_not_found(client, address):
    answer = client.get(address, headers={"accept": BROWSER})

    page = markup_of(answer)
    assert answer.status_code == 404
    assert "There is no such page" in page.words
    assert page.wrong == []


@pytest.mark.parametrize("name", ["again", "cancel"])
@pytest.mark.parametrize("id", ["0", "99999999999999999999", "9" * 5_000])
def test_a_run_that_there_is_not_is_neither_repeated_nor_cancelled(client, name, id):
    assert client.post(f"/runs/{id}/{name}").status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {"by": "moon"},
        {"by": "days", "days": "\xb2"},
        {"by": "days", "days": "9" * 5_000},
        {"by": "days", "days": ""},
        {"by": "days", "days": "1\x00"},
        {"by": "month", "month": "9999-12"},
        {"by": "month", "month": "0001-01"},
        {"by": "month", "month": "2026-13"},
        {"by": "month", "month": "\u0662\u0660\u0662\u0666-\u0661\u0660"},
        {"by": "dates", "first": "9999-12-31", "last": "9999-12-31"},
        {"by": "dates", "first": "0001-01-01"},
        {"by": "dates", "first": "2026-11-03", "last": "2026-11-02"},
        {"by": "dates", "first": "2026-10-30\x00"},
        {"by": "<script>alert(1)</script>\x00"},
    ],
)
def test_days_that_cannot_be_collected_are_told_beside_their_field(client, said):
    answer = client.post("/runs/collect", said)

    page = markup_of(answer)
    assert answer.status_code == 422
    assert "Collection runs" in page.words
    assert page.wrong == []


@pytest.mark.parametrize(
    "said",
    [
        {"name": "a\x00b"},
        {"name": "X" * 101},
        {"name": ""},
        {"name": "x", "scopes": ["moon"]},
        {"name": "x", "days": "9" * 5_000},
        {"name": "x", "days": "\xb2"},
        {"name": "x", "days": "0"},
    ],
)
def test_a_token_that_cannot_be_made_is_told_beside_its_field(client, said):
    answer = client.post("/account", {"scopes": ["read"], "days": "30", **said})

    page = markup_of(answer)
    assert "No token is made" in page.words
    assert page.wrong == []


@pytest.mark.parametrize("next_", ["javascript:alert(1)", "//evil.example", "https://evil.example"])
def test_the_login_leads_nowhere_else(client, next_):
    page = markup_of(client.get(f"/login/?{urlencode({'next': next_})}"))

    assert page.wrong == []
    assert not [link for link, _ in page.links if "evil" in link]


def test_an_empty_form_is_the_usual_question(client):
    fields = ("period", "start_date", "end_date", "group_by", "top", "cluster", "words_env")
    answer = client.get("/explore?" + urlencode([(name, "") for name in fields]))

    assert (answer.status_code, answer["Location"]) == (302, "/explore")
