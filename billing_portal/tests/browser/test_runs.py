"""Runs: who may start and cancel them; a page follows its run by itself."""

import pytest
from playwright.sync_api import expect

from billing_portal.tests.browser.company import FAILED, RUNS
from collector import dispatch
from collector.models import CollectionRun
from costs.tests.ownership import elsewhere

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
START = "Collect the current month so far"


@pytest.fixture(autouse=True)
def started(monkeypatch):
    """The runs for which a process would be started."""
    runs = []
    monkeypatch.setattr(dispatch, "start_process", lambda run: runs.append(run.pk))
    yield runs
    elsewhere(CollectionRun.objects.filter(trigger="web").delete).result()


def change(run, **values):
    """What its process would write."""
    elsewhere(lambda: CollectionRun.objects.filter(pk=run).update(**values)).result()


@pytest.mark.parametrize("name", ["", "otto"])
def test_it_starts_a_run_follows_it_and_cancels_it(browse, started, name):
    with browse(name) as page:
        page.goto("/runs")
        page.get_by_role("button", name=START).click()
        (run,) = started
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Run {run}: 1 to 18 Nov 2026")
        expect(page.locator(".message")).to_contain_text(f"Run {run} collects 1 to 18 Nov 2026.")
        expect(page.locator("#run-panel")).to_contain_text("Queued")
        change(run, days_done=7)
        expect(page.locator("#run-panel")).to_contain_text("7 of 18")
        if not name:  # as documented, nobody without a login cancels
            expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
            return
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator(".message.success")).to_have_text(f"Run {run}: cancelled.")
        expect(page.locator("#run-panel")).to_contain_text("Cancelled before it began.")
        page.get_by_role("button", name="Collect the same days again").click()
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text(f"Run {run + 1}: 1 to 18 Nov 2026")


def test_it_tells_in_place_when_a_run_has_ended(browse, started):
    with browse("otto") as page:
        page.goto("/runs")
        page.get_by_role("button", name=START).click()
        expect(page.locator("#run-status")).to_contain_text("The run has not ended")
        change(started[0], state="succeeded", finished_at="2026-11-18T10:00Z", days_done=18)
        expect(page.locator("#run-status")).to_have_text(
            "The run has ended: succeeded, 18 of 18 days done."
        )
        expect(page.get_by_role("button", name="Collect the same days again")).to_be_visible()


def test_the_list_follows_its_runs(browse, started):
    with browse("otto") as page:
        page.goto("/runs")
        page.get_by_role("button", name=START).click()
        page.get_by_role("link", name="Runs", exact=True).first.click()
        expect(page.locator("#runs-status")).to_contain_text("Runs are going on")
        row = page.locator("tr", has=page.locator(f"#run-{started[0]}"))
        expect(row).to_contain_text("Queued")
        change(started[0], state="succeeded", finished_at="2026-11-18T10:00Z")
        expect(row).to_contain_text("Succeeded")
        expect(page.locator("#runs-status")).to_have_text("No run of this list is going on.")


def test_it_collects_chosen_days_and_says_which_cannot_be(browse, started):
    with browse("otto", forgives=(422,)) as page:
        page.goto("/runs")
        page.get_by_text("Collect other days").click()
        page.get_by_label("First day").fill("2026-10-01")
        page.get_by_label("Last day, included (empty: today)").fill("2026-11-18")
        page.get_by_role("button", name="Collect from first to last day").click()
        expect(page.locator(".errorlist")).to_contain_text("A collection is of a month at most")
        assert started == []
        page.get_by_label("Last day, included (empty: today)").fill("2026-10-05")
        page.get_by_role("button", name="Collect from first to last day").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("1 to 5 Oct 2026")


@pytest.mark.parametrize("name", ["vera", "fay"])
def test_readers_see_runs_and_start_none(browse, name):
    with browse(name) as page:
        page.goto("/runs")
        expect(page.locator("caption")).to_have_text(f"{RUNS} runs. Days and times are UTC.")
        expect(page.get_by_role("button", name=START)).to_have_count(0)
        page.get_by_role("link", name="Older").click()
        expect(page.get_by_text("Page 2 of 2")).to_be_visible()
        page.get_by_role("link", name="Failed").click()
        page.get_by_role("rowheader").get_by_role("link").click()
        expect(page.locator("#run-panel")).to_contain_text(FAILED)
        expect(page.locator("#run-panel")).to_contain_text("What to do:")
        expect(page.get_by_role("button", name="Collect the same days again")).to_have_count(0)
