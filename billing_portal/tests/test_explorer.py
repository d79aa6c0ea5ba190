"""The explorer: an address for every state, the form that says it, and its partial answers."""

import json
import re

import pytest

from billing_portal.tests.pages import read, rows, text_of
from costs.tests.billed import EVERY_DAY, two_companies


@pytest.fixture
def bill(db):
    two_companies()


def explored(client, *, partial=False, **said):
    headers = {"hx-request": "true"} if partial else {}
    return client.get("/explore", EVERY_DAY | said, headers=headers)


def chart(answer):
    found = re.search(r'type="application/json">(.*?)</script>', answer.content.decode())
    return json.loads(found[1])


def test_empty_fields_are_no_part_of_the_address(bill, client):
    answer = client.get(
        "/explore?period=&start_date=2026-10-30&end_date=2026-11-03&group_by=env&group_by=&top="
        "&words_cluster=abc"
    )

    assert answer.status_code == 302
    assert answer["Location"] == ("/explore?start_date=2026-10-30&end_date=2026-11-03&group_by=env")


def test_a_chosen_period_counts_more_than_the_days_in_the_form(bill, client):
    answer = client.get("/explore?period=mtd&start_date=2026-10-30&end_date=2026-11-03")

    assert answer["Location"] == "/explore?period=mtd"


def test_a_partial_answer_says_its_address(bill, client):
    answer = explored(client, partial=True, group_by="env", top="")

    assert answer.status_code == 200
    assert answer["HX-Push-Url"] == (
        "/explore?start_date=2026-10-30&end_date=2026-11-03&group_by=env"
    )
    assert answer["Vary"] == "HX-Request, Cookie"


def test_it_shows_groups_and_their_shares(bill, client):
    assert rows(explored(client, group_by="product")) == [
        ["KAFKA", "$267.00", "87.0 %"],
        ["SUPPORT", "$30.00", "9.8 %"],
        ["CONNECT", "$20.00", "6.5 %"],
        ["PROMO_CREDIT", "\N{MINUS SIGN}$10.00", "\N{MINUS SIGN}3.3 %"],
    ]


def test_it_shows_every_day_beside_the_groups(bill, client):
    table = rows(explored(client, group_by="product", top="1"), 1)

    assert table == [
        ["Fri 2026-10-30", "$187.00", "$157.00", "$30.00"],
        ["Sat 2026-10-31", "$20.00", "$0.00", "$20.00"],
        ["Sun 2026-11-01", "$0.00", "$0.00", "$0.00"],
        ["Mon 2026-11-02", "$100.00", "$110.00", "\N{MINUS SIGN}$10.00"],
    ]


def test_the_chart_draws_what_the_table_says(bill, client):
    drawn = chart(explored(client, group_by="product", top="1", chart="lines"))

    assert drawn["kind"] == "lines"
    assert drawn["labels"] == ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"]
    assert [(each["label"], each["values"]) for each in drawn["series"]] == [
        ("KAFKA", [157, 0, 0, 110]),
        ("Others", [30, 20, 0, -10]),
    ]
    assert drawn["links"][0] == "/days/2026-10-30"


def test_a_chart_of_many_groups_folds_the_smallest(bill, client):
    drawn = chart(explored(client, group_by="cluster,product,line_type,cost_center,method"))

    assert len(drawn["series"]) <= 10
    assert sum(sum(each["values"]) for each in drawn["series"]) == pytest.approx(307)


def test_a_days_page_keeps_the_filters(bill, client):
    drawn = chart(explored(client, env="env-1", **{"exclude[product]": "CONNECT"}))

    assert drawn["links"][0] == "/days/2026-10-30?env=env-1&exclude%5Bproduct%5D=CONNECT"


def test_its_files_are_the_apis_answer_to_the_same_question(bill, client):
    content = explored(client, group_by="env", cost_type="usage").content.decode()

    (address,) = set(re.findall(r'href="(/api/v1/costs\?[^"]*granularity=daily[^"]*csv)"', content))
    answer = client.get(address.replace("&amp;", "&"))
    lines = b"".join(answer).decode().splitlines()
    assert lines[0] == "period_start,period_end,env_id,env_name,is_others,cost_usd"
    assert len(lines) == 1 + 6


def test_wrong_words_leave_the_form_as_it_was(bill, client):
    answer = explored(client, group_by="colour", top="many", env="env-1")

    assert answer.status_code == 400
    text = text_of(answer)
    assert "This cannot be answered" in text
    assert "Group by: “colour” is not one of the allowed values." in text
    assert "Largest groups: “many” is not a whole number from 1 to 1000." in text
    assert 'name="env" value="env-1" checked' in answer.content.decode()


def test_it_says_what_to_do_when_nothing_matches(bill, client):
    text = read(client, "/explore", **EVERY_DAY, env="env-77")

    assert "Nothing was charged" in text
    assert "No charge of these days matches. Remove a filter, choose other days" in text


def test_a_filter_can_be_taken_away_or_turned_round(bill, client):
    content = explored(client, env="env-1").content.decode()

    days = "/explore?start_date=2026-10-30&amp;end_date=2026-11-03"
    assert f'href="{days}"' in content
    assert f'href="{days}&amp;exclude%5Benv%5D=env-1"' in content


def test_values_are_found_by_a_part_of_their_name(bill, client):
    answer = client.get(
        "/explore/values",
        EVERY_DAY | {"dimension": "env", "words_env": "liv", "granularity": "daily"},
        headers={"hx-request": "true"},
    )

    content = answer.content.decode()
    assert re.findall(r'name="(\w+)" value="([^"]+)"', content) == [("env", "env-1")]
    assert "<html" not in content


def test_values_are_links_without_a_script(bill, client):
    text = read(client, "/explore/values", **EVERY_DAY, dimension="product")

    assert "Product: choose one" in text
    assert "KAFKA" in text


def test_a_table_that_nobody_could_read_is_left_to_files(bill, client, monkeypatch):
    monkeypatch.setattr("costs.web.explore.MOST_CELLS", 3)

    text = text_of(explored(client, group_by="product"))

    assert "The table would have 16 cells." in text


def test_it_says_what_to_do_while_nothing_is_stored(db, client):
    for address in ("/explore", "/chargeback/2026-10"):
        assert "No bill is stored yet: start a collection." in read(client, address)
