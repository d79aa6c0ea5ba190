"""The explorer: answers come at once, have addresses of their own, and outlast a reload."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
IN_NOVEMBER = "/explore?period=mtd&granularity=daily"


def result(page):
    return page.locator("#result").inner_text()


def groups(page):
    """The names of the groups over the whole range."""
    section = page.locator("section[aria-labelledby=by-group]")
    return section.locator("tbody th bdi:not(.id)").all_inner_texts()


def expect_group(page, *columns):
    """By what the groups are."""
    header = page.locator("section[aria-labelledby=by-group] thead th")
    expect(header).to_have_text([*columns, *("USD", "Share")])


def open_filter(page, title):
    page.get_by_text("Only charges of …").click()
    page.locator("details.filters-box details > summary", has_text=title).first.click()


def test_it_groups_and_its_address_says_so(browse):
    with browse("vera") as page:
        page.goto(IN_NOVEMBER)
        page.get_by_label("Group by").select_option(label="Environment")
        expect_group(page, "Environment")
        page.get_by_label("then by").first.select_option(label="Product")
        expect_group(page, "Environment", "Product")
        expect(page).to_have_url(re.compile("group_by=env&group_by=product"))
        expect(page.locator("#said")).to_have_text(re.compile(r"^Total \$[\d,.]+, \d+ rows\.$"))
        shown = result(page)
        page.reload()
        assert result(page) == shown
        expect(page.get_by_label("Group by")).to_have_value("env")


def test_it_finds_what_to_filter_by_as_one_types(browse):
    with browse("vera") as page:
        page.goto(f"{IN_NOVEMBER}&group_by=cluster")
        open_filter(page, "Environment")
        values = page.locator("#values_env")
        expect(values.get_by_role("checkbox")).to_have_count(4)
        page.get_by_label("Find environment").press_sequentially("liv")
        expect(values.get_by_role("checkbox")).to_have_count(1)
        values.get_by_role("checkbox").check()

        expect(page.locator(".chips")).to_contain_text("Environment is Live")
        expect(page).to_have_url(re.compile("env=env-live"))
        assert groups(page) == ["orders", "sink", "stranger"]
        shown = result(page)
        page.reload()
        assert result(page) == shown

        page.get_by_role("link", name="Leave out Environment Live").click()
        expect(page.locator(".chips")).to_contain_text("Environment is not Live")
        assert "orders" not in result(page)
        page.get_by_role("link", name="Ask no more about Environment Live").click()
        expect(page.locator(".chips")).to_have_count(0)


def test_it_compares_and_takes_the_rest_together(browse):
    with browse("vera") as page:
        page.goto(f"{IN_NOVEMBER}&group_by=cluster")
        page.get_by_label("Compare with the range before").check()
        header = page.locator("section[aria-labelledby=by-group] thead")
        expect(header).to_contain_text("Change")
        page.get_by_label("Largest groups").select_option("5")
        expect(page.locator("section[aria-labelledby=by-group] caption")).to_contain_text(
            "Others are"
        )
        expect(page).to_have_url(re.compile("top=5&.*compare=previous"))
        assert (len(groups(page)), groups(page)[-1]) == (6, "Others")


def test_it_draws_bars_lines_and_shares(browse):
    kind = """canvas => {
        const chart = Chart.getChart(canvas);
        return [chart.config.type, chart.options.scales.y.max ?? null];
    }"""
    found = []
    with browse("vera") as page:
        page.goto(f"{IN_NOVEMBER}&group_by=cluster")
        for title in ("Bars", "Lines", "Share"):
            page.get_by_role("link", name=title, exact=True).click()
            expect(page).to_have_url(re.compile(f"chart={title.lower()}"))
            page.wait_for_load_state()  # with the scripts that draw
            found.append(page.locator("canvas").evaluate(kind))
        # It stays when something else is asked.
        page.get_by_label("Granularity").select_option("weekly")
        expect(page.get_by_role("heading", name="USD a week")).to_be_visible()
        expect(page).to_have_url(re.compile("chart=share"))
        found.append(page.locator("canvas").evaluate(kind))
    assert found == [["bar", None], ["line", None], ["bar", 100], ["bar", 100]]


def test_it_lets_typed_days_count(browse):
    with browse("vera") as page:
        page.goto(IN_NOVEMBER)
        page.get_by_label("From", exact=True).fill("2026-10-05")
        expect(page.locator(".tiles")).to_contain_text("2026-10-05 to before 2026-11-19")
        expect(page.get_by_label("Days (UTC)")).to_have_value("")
        page.get_by_label("Until before").fill("2026-10-08")
        expect(page.locator(".tiles")).to_contain_text("2026-10-05 to before 2026-10-08")
        expect(page).to_have_url(re.compile("start_date=2026-10-05&end_date=2026-10-08"))
        page.get_by_label("Days (UTC)").select_option(label="Last month")
        expect(page.locator(".tiles")).to_contain_text("2026-10-01 to before 2026-11-01")
        expect(page).to_have_url(re.compile("period=last_month"))


def test_the_way_back_shows_the_answer_before(browse):
    with browse("vera") as page:
        page.goto(f"{IN_NOVEMBER}&group_by=cluster")
        before = result(page)
        page.get_by_label("Group by").select_option(label="Product")
        expect_group(page, "Product")
        page.go_back()
        expect_group(page, "Resource")
        assert result(page) == before
        expect(page.get_by_label("Group by")).to_have_value("cluster")


def test_it_says_beside_the_question_what_cannot_be_answered(browse):
    with browse("vera", forgives=(400,)) as page:
        page.goto("/explore?start_date=2026-09-01&end_date=2026-11-01&granularity=weekly")
        page.get_by_label("Granularity").select_option("hourly")
        expect(page.get_by_role("alert")).to_contain_text("at most 31 days")
        page.get_by_label("Granularity").select_option("monthly")
        expect(page.get_by_role("heading", name="USD a month")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)
