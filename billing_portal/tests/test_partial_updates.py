"""What a partial update is answered with when the part cannot be had."""

import pytest
from django.db import OperationalError

from billing_portal.tests.people import person
from costs.tests.billed import two_companies

PARTIAL = {"hx-request": "true"}


@pytest.fixture
def bill(db):
    two_companies()


def test_a_mistake_takes_the_place_of_the_page(bill, client):
    answer = client.get("/quality/proof?start_date=2020-01-01", headers=PARTIAL)

    assert answer.status_code == 400
    assert "At most 31 days are proven at once." in answer.content.decode()
    assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("#content", "#content")


def test_so_does_a_database_that_gives_up(bill, client, monkeypatch):
    def give_up(*args, **named):
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr("costs.web.explore.series_by_period", give_up)

    answer = client.get("/explore", headers=PARTIAL)

    assert answer.status_code == 503
    assert "The answer would take longer than 60s" in answer.content.decode()
    assert answer["HX-Retarget"] == "#content"


def test_who_is_logged_out_meanwhile_is_led_to_the_login(bill, client, settings):
    settings.PRODUCTION = True

    answer = client.get("/explore?group_by=env", headers=PARTIAL)

    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/login/?next=/explore%3Fgroup_by%3Denv"


def test_who_may_no_longer_is_told_so_by_the_page(bill, client):
    client.force_login(person("ada"))

    answer = client.get("/explore?group_by=env", headers=PARTIAL)

    assert answer["HX-Redirect"] == "/explore?group_by=env"
    assert client.get(answer["HX-Redirect"]).status_code == 403


def test_a_page_that_asks_by_itself_is_not_left(bill, client, settings):
    settings.PRODUCTION = True

    answer = client.get("/runs", headers=PARTIAL)

    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/runs")


def test_a_page_asked_for_as_a_whole_is_answered_as_a_whole(bill, client):
    answer = client.get("/quality/proof?start_date=2020-01-01")

    assert answer.status_code == 400
    assert "HX-Retarget" not in answer
