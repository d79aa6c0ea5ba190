"""The page that takes pending days along, and leads on only inside the portal."""

import pytest

from costs.allocation import allocate_days
from costs.tests.browsing import changed, database, post, send, with_row
from costs.tests.browsing import filled as filled_form
from costs.tests.ownership import (
    center,
    cluster,
    facts,
    line,
    october,
    organization,
    pending,
    rule,
    store,
)

PROGRESS = "/admin/costs/allocationchange/progress/"
CHANGES = "/admin/costs/allocationchange/"


@pytest.fixture
def acme(db):
    """Three days that are pending: A pays them since they were allocated."""
    acme = organization()
    orders = cluster("lkc-1", of=acme)
    days = store(acme, *(line(1, day=october(day), resource="lkc-1") for day in (1, 2, 3)))
    allocate_days(acme, days)
    rule("A", of=acme, cluster=orders)
    return acme


@pytest.fixture
def one_day_at_a_time(monkeypatch):
    """As if a single day took longer than a person waits."""
    monkeypatch.setattr("costs.reallocation.BATCH_DAYS", 1)
    monkeypatch.setattr("costs.reallocation.time.monotonic", iter(range(0, 10_000, 100)).__next__)


def text(page):
    return " ".join(page.content.decode().split())


def test_it_says_how_far_it_is(acme, fay, one_day_at_a_time):
    assert "Allocated again: 0 of 3 days." in text(fay.get(PROGRESS))

    answer = fay.post(f"{PROGRESS}?of=3&next={CHANGES}")

    assert answer.status_code == 302
    assert pending() == [1, 2]
    page = text(fay.get(answer["Location"]))
    assert "Allocated again: 1 of 3 days." in page
    assert "Pending: 2 days, from 2026-10-01 to 2026-10-02 (UTC)." in page


def test_it_goes_on_until_it_is_done(acme, fay, one_day_at_a_time):
    address = f"{PROGRESS}?of=3&next=/admin/dimensions/cluster/"
    for _ in range(3):
        address = fay.post(address)["Location"]

    page = text(fay.get(address))
    assert "Every stored day agrees with the rules." in page
    assert '<a href="/admin/dimensions/cluster/">Go on</a>' in page
    assert 'id="go-on"' not in page
    assert facts("cost_center") == [("A",)] * 3


def test_a_save_that_takes_long_leads_to_the_progress(acme, fay, one_day_at_a_time):
    fay.post(PROGRESS), fay.post(PROGRESS), fay.post(PROGRESS)
    page = fay.get(f"/admin/dimensions/cluster/{acme.clusters.get().pk}/change/")
    row = {"cost_center": center("B").pk, "valid_from": "2026-10-01", "product": "KAFKA"}

    preview = post(fay, page, with_row(filled_form(page), "rules", **row))
    saved = send(fay, preview)

    assert saved["Location"] == f"{PROGRESS}?of=3&next=%2Fadmin%2Fdimensions%2Fcluster%2F"
    assert pending() == [1, 2]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\thttps://evil.example",
        "https:evil.example",
        "",
        "/%09/evil.example",
    ],
)
def test_it_leads_to_no_other_site(fay, elsewhere):
    page = fay.get(PROGRESS, {"next": elsewhere})

    (link,) = [part for part in page.content.decode().split("<a ") if ">Go on</a>" in part]
    leads_to = link.partition('"')[2].partition('"')[0]
    assert leads_to == CHANGES or leads_to.startswith("/%09")


def test_it_stays_here_after_a_post_whatever_it_is_told(acme, fay):
    answer = fay.post(f"{PROGRESS}?next=https://evil.example/&of=3")

    assert answer["Location"].startswith(f"{PROGRESS}?")
    assert f'<a href="{CHANGES}">Go on</a>' in text(fay.get(answer["Location"]))


@pytest.mark.parametrize("total", ["x", "-1", "²", "9" * 30, "1e3", "\x00", "2"])
def test_it_takes_no_number_that_is_none(acme, fay, total):
    assert "Allocated again: 0 of 3 days." in text(fay.get(PROGRESS, {"of": total}))


def test_looking_changes_nothing(acme, fay):
    before = database()

    assert fay.get(PROGRESS).status_code == 200

    assert changed(before, database()) == set()
    assert pending() == [1, 2, 3]


def test_it_says_when_there_is_nothing_to_do(fay):
    assert "Every stored day agrees with the rules." in text(fay.get(PROGRESS))
    assert fay.post(PROGRESS).status_code == 302
