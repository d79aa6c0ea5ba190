"""From a day's bar in the chart to the bill lines behind it and the rule that decides who pays."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
WHO_SEE_ALL = ("", "vera", "fay", "otto")
DAY = "Tuesday, 10 November 2026"
# Where the chart's bar of a label stands, beside the canvas' corner.
BAR = """(canvas, label) => {
    const chart = Chart.getChart(canvas);
    const bar = chart.getDatasetMeta(0).data[chart.data.labels.indexOf(label)];
    return {x: bar.x, y: (bar.y + bar.base) / 2};
}"""


def click_bar(page, label):
    canvas = page.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    canvas.click(position=canvas.evaluate(BAR, label))


def rows(page, heading):
    """The rows of the table below the heading, as text."""
    section = page.locator("section", has=page.get_by_role("heading", name=heading, exact=True))
    return [" ".join(text.split()) for text in section.locator("tbody tr").all_inner_texts()]


@pytest.mark.parametrize("name", WHO_SEE_ALL)
def test_it_leads_from_a_days_bar_to_the_rule(browse, name):
    with browse(name) as page:
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Confluent Cloud bill")
        click_bar(page, "2026-11-10")

        page.wait_for_url("**/days/2026-11-10")
        expect(page.get_by_role("heading", level=1)).to_have_text(DAY)
        page.get_by_role("link", name="shared lkc-shared").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("shared, 10 November 2026")
        (line,) = rows(page, "Bill lines")
        assert line.startswith("KAFKA_STORAGE KAFKA")
        assert "$103.33" in line
        payers = rows(page, "Who pays")
        assert [row.split()[0] for row in payers] == ["CC-100", "CC-200"]
        assert ["$62.00" in payers[0], "$41.33" in payers[1]] == [True, True]
        decides, *others = rows(page, "Why")
        assert "shared 60 % CC-100, 40 % CC-200" in decides
        assert "Decides." in decides
        assert len(others) == 1
        assert "Less specific" in others[0]


def test_it_leads_a_limited_user_to_a_share(browse):
    with browse("lisa") as page:
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Your share of the Confluent Cloud bill"
        )
        click_bar(page, "2026-11-10")
        page.wait_for_url("**/days/2026-11-10")
        page.get_by_role("link", name="shared lkc-shared").click()

        (line,) = rows(page, "Bill lines")
        assert "your share" in line
        assert "$62.00" in line
        (payer,) = rows(page, "Who pays")
        assert payer.startswith("CC-100")
        assert "$62.00" in payer
        expect(page.get_by_role("heading", name="Why", exact=True)).to_have_count(0)
        expect(page.locator("main")).not_to_contain_text("CC-200")


def test_it_leads_from_the_table_of_the_days_too(browse):
    with browse("vera") as page:
        page.goto("/")
        page.get_by_text("The days as a table").click()
        page.get_by_role("link", name="Tue 2026-11-10").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(DAY)
        page.get_by_role("link", name="Against the day before").click()
        expect(page.locator(".period")).to_contain_text("the day before, 9 November")
        page.get_by_role("link", name="Day after").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Wednesday, 11 November 2026")


def test_it_leads_from_a_resources_bar_to_its_lines(browse):
    with browse("fay") as page:
        page.goto("/environments/env-live?period=mtd")
        page.get_by_role("link", name="sink lcc-sink").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("sink")
        click_bar(page, "2026-11-09")
        page.wait_for_url("**/explain?**")
        (line,) = rows(page, "Bill lines")
        assert line.startswith("CONNECT_CAPACITY CONNECT")
        decides = rows(page, "Why")[0]
        assert "orders CC-100" in decides
        assert "Decides." in decides
        page.get_by_role("link", name="The resource").click()
        page.get_by_role("link", name="Live", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Live")
        expect(page).to_have_url(re.compile("/environments/env-live"))


def test_its_chart_says_what_its_table_says(browse):
    with browse("vera") as page:
        page.goto("/")
        drawn = page.locator("canvas").first.evaluate(
            "canvas => Chart.getChart(canvas).data.datasets.map(each => each.label)"
        )
        page.get_by_text("The days as a table").click()
        named = page.locator("table.series thead th").all_inner_texts()
        legend = page.locator("#trend-card .legend li").all_inner_texts()
    assert ["Days (UTC)", "Total", *drawn] == named
    assert drawn == [label.strip() for label in legend]
