"""Hourly questions about archived months are refused: less would look like a smaller bill."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from costs.models import ArchivedHours
from costs.tests.asking import ask, refusals, rows
from costs.tests.billed import two_companies

OCTOBER = {"start_date": "2026-10-30", "end_date": "2026-11-03"}
NOVEMBER = {"start_date": "2026-11-01", "end_date": "2026-11-03"}
SAID = (
    "Hours are kept from 2026-11-01 on; those of earlier months are archived. "
    "Ask from there on, or for days or longer."
)


@pytest.fixture(autouse=True)
def october_is_archived(db):
    meridian, _ = two_companies()
    ArchivedHours.objects.create(
        organization=meridian, month=date(2026, 10, 1), days=2, day_versions=2, hours=144,
        cost_usd=200, archived_at=datetime(2026, 11, 20, tzinfo=UTC), file_name="october.csv.gz",
    )  # fmt: skip


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_costs_by_the_hour(client, form):
    said = refusals(ask(client, "costs", **OCTOBER, granularity="hourly", format=form))

    assert said == {"start_date": (SAID, [])}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_hours_row_by_row(client, form):
    assert refusals(ask(client, "costs/facts", **OCTOBER, format=form)) == {
        "start_date": (SAID, [])
    }


def test_a_period_is_named_as_it_was_asked(client):
    with time_machine.travel("2026-11-03T12:00:00Z", tick=False):
        said = refusals(ask(client, "costs/facts", period="last_7_days"))

    assert said == {"period": (SAID, [])}


def test_the_explorer_says_so_at_its_field(client):
    page = client.get("/explore", {**OCTOBER, "granularity": "hourly"})

    assert page.status_code == 400
    assert [(each.parameter, each.message) for each in page.context["errors"]] == [("From", SAID)]


def test_kept_days_are_answered(client):
    assert ask(client, "costs/facts", **NOVEMBER).status_code == 200
    assert len(rows(client, "cost_usd", **NOVEMBER, granularity="hourly")) == 24


def test_days_and_longer_are_answered(client):
    assert rows(client, "cost_usd", **OCTOBER, granularity="total") == [("307.0000000000",)]
    assert len(rows(client, "cost_usd", **OCTOBER)) == 3


def test_the_proof_says_how_many_days_it_is(client):
    proof = ask(client, "costs/reconciliation", **OCTOBER).json()["data"]

    assert (proof["days"], proof["archived_days"]) == (4, 3)
