"""Whoever may open a page sees of it what the API would tell them, and no more."""

import pytest
from django.contrib.auth.models import Permission

from billing_portal.tests.pages import BROWSER, text_of
from billing_portal.tests.people import person
from costs.tests.billed import two_companies
from dimensions.models import Cluster

RULES, LINES, COSTS, DAYS = (
    *("view_allocationrule", "view_costlineitem", "view_dailycostfact", "view_billingday"),
)


@pytest.fixture
def bill(db):
    two_companies()
    Cluster.objects.update(notes="Ask Ada first.")


def opened(client, address, *permissions):
    user = person("nora")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    answer = client.get(address, headers={"accept": BROWSER})
    assert answer.status_code == 200
    return text_of(answer)


OCTOBER = "start_date=2026-10-01&end_date=2026-11-01"


def test_a_resource_shows_costs_without_rules_prices_and_notes(bill, client):
    text = opened(client, f"/clusters/lkc-1?{OCTOBER}", COSTS)

    assert "$100.00" in text
    for hidden in ("The rules that apply", "Ask Ada first.", "Decides."):
        assert hidden not in text


def test_a_resource_shows_rules_to_who_may_see_rules(bill, client):
    assert "The rules that apply" in opened(client, f"/clusters/lkc-1?{OCTOBER}", COSTS, RULES)


def test_an_explanation_shows_lines_without_rules_and_payers(bill, client):
    text = opened(client, "/explain?day=2026-10-30&cluster=lkc-1", LINES)

    assert "KAFKA_STORAGE" in text
    for hidden in ("Decides.", "CC-1"):
        assert hidden not in text


def test_data_quality_shows_days_without_costs(bill, client):
    text = opened(client, "/quality", DAYS)

    assert "Days collected" in text
    for hidden in ("Confidence by environment", "Unallocated", "Unknown to this version"):
        assert hidden not in text
