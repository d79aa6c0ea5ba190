"""The pages about collection runs: their list, and everything about one."""

from datetime import timedelta

import pytest
from django.conf import settings as portal_settings
from django.utils import timezone
from django.utils.html import escape

from billing_portal.tests import stored
from billing_portal.tests.people import person
from collector.models import CollectionRun
from collector.runs import request_run
from collector.web import words
from collector.windows import Window
from costs.tests.ownership import center, october

LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
HTMX = 'hx-trigger="every 2s"'


@pytest.fixture
def production(settings):
    settings.PRODUCTION = True
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, LOGIN_REQUIRED]


@pytest.fixture
def viewer(client, db):
    client.force_login(person("vic", "Viewer"))
    return client


def over(**values):
    """A run that has ended; values say how."""
    run = stored.run(of=stored.organization())
    CollectionRun.objects.filter(pk=run.pk).update(**values)
    run.refresh_from_db()
    return run


def going_on():
    """A run that waits for a worker: nobody gives it up today."""
    window = Window(october(5), october(8))
    return request_run(window, trigger="api", requested_by=None, is_for_workers=True)


def text(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def ids(client, address):
    """Of the runs that the list shows, in its order."""
    answer = client.get(address)
    assert answer.status_code == 200
    return [row[0].pk for row in answer.context["rows"]]


@pytest.mark.parametrize("address", ["/runs", "/runs/1"])
def test_strangers_are_sent_to_the_login_in_production(db, production, client, address):
    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={address}")


@pytest.mark.parametrize("address", ["/runs", "/runs/1"])
def test_who_may_not_see_runs_is_told_so(db, client, address):
    client.force_login(person("nil"))

    assert "Your login may not open this page" in text(client, address, 403)


@pytest.mark.parametrize("address", ["/runs", "/runs/1"])
def test_who_is_limited_to_business_units_sees_no_runs(db, client, address):
    center("CC-1", "BU-1")
    client.force_login(person("lim", "Viewer", limited_to=["BU-1"]))

    assert "your login is limited to some" in text(client, address, 403)


def test_development_shows_runs_without_a_login(db, client):
    run = over()

    assert ids(client, "/runs") == [run.pk]
    assert "It took 0.0 s." in text(client, f"/runs/{run.pk}")


def test_it_lists_runs_newest_first_with_what_became_of_each(viewer):
    older = over(lines_received=12345, days_changed=3, days_done=30)
    newer = over(
        state="failed",
        started_at=stored.FETCHED + timedelta(hours=1),
        finished_at=stored.FETCHED + timedelta(hours=1, seconds=200),
        error="No route to Confluent.",
        requested_by=person("opal"),
    )

    assert ids(viewer, "/runs") == [newer.pk, older.pk]
    page = text(viewer, "/runs")
    for said in ("20 Nov 2026 01:00", "1 to 30 Nov 2026", "30 of 30", "12,345", "3 min 20 s"):
        assert said in page
    for said in ('badge good">Succeeded', 'badge bad">Failed', "No route to Confluent.", "opal"):
        assert said in page


def test_it_shows_the_runs_of_a_state(viewer):
    over()
    failed = over(state="failed", error="No route.")

    assert ids(viewer, "/runs?state=failed") == [failed.pk]
    assert 'state=failed" aria-current="page"' in text(viewer, "/runs?state=failed")


@pytest.mark.parametrize("query", ["state=moon", "page=0", "page=soon", "moon=1"])
def test_an_address_that_means_nothing_is_told_so(viewer, query):
    assert query.split("=")[0] in text(viewer, f"/runs?{query}", 400)


def test_it_pages_by_25_and_keeps_the_state(viewer):
    runs = [over(state="failed", error="No route.").pk for _ in range(26)]

    assert ids(viewer, "/runs?state=failed") == runs[:0:-1]
    assert ids(viewer, "/runs?state=failed&page=2") == runs[:1]
    assert 'href="/runs?state=failed&amp;page=2"' in text(viewer, "/runs?state=failed")
    assert 'href="/runs?state=failed&amp;page=1"' in text(viewer, "/runs?state=failed&page=2")
    # Runs may have been deleted since the link was made.
    assert ids(viewer, "/runs?state=failed&page=99") == runs[:1]


def test_an_empty_list_says_what_to_do(viewer, client):
    assert "Ask somebody of the group <em>Operator</em>" in text(viewer, "/runs")
    assert "No run is in this state." in text(viewer, "/runs?state=failed")

    client.force_login(person("opal", "Operator"))

    assert "Press “Collect the current month so far” above." in text(client, "/runs")


@pytest.mark.parametrize("count", [3, 25])
def test_the_list_asks_as_few_questions_however_many_runs(viewer, count, django_assert_num_queries):
    for number in range(count):
        over(requested_by=person(f"opal-{number}"))

    with django_assert_num_queries(10):
        assert len(ids(viewer, "/runs")) == count


def test_it_follows_runs_only_while_one_goes_on(viewer):
    run = going_on()

    page = text(viewer, "/runs?state=queued&page=1")
    assert HTMX in page
    assert 'hx-get="/runs?state=queued&amp;page=1"' in page
    assert '<progress id="progress-' in page
    CollectionRun.objects.update(state="cancelled", finished_at=timezone.now())
    assert HTMX not in text(viewer, "/runs")
    assert run.pk in ids(viewer, "/runs")


def test_a_page_follows_its_run_until_it_has_ended(viewer):
    run = going_on()

    page = text(viewer, f"/runs/{run.pk}")
    assert HTMX in page
    assert f'hx-get="/runs/{run.pk}"' in page
    assert 'value="0" max="3"' in page
    assert "hx-swap-oob" not in page
    CollectionRun.objects.update(state="succeeded", days_done=3, finished_at=timezone.now())
    page = text(viewer, f"/runs/{run.pk}")
    assert HTMX not in page
    assert "<progress" not in page
    # What is read out to who does not see the page.
    assert 'aria-live="polite" hx-swap-oob="innerHTML">The run has ended: succeeded, 3 of 3' in page


def test_the_pages_bring_no_script_but_the_portals_own(viewer):
    for address in ("/runs", f"/runs/{going_on().pk}"):
        page = text(viewer, address)
        assert page.count("<script") == 1
        assert '<script src="/static/vendor/htmx-2.0.11.min.js" defer></script>' in page


def test_a_run_whose_process_never_came_is_given_up_before_it_is_shown(viewer):
    run = request_run(Window(october(5), october(8)), trigger="api", requested_by=None)
    CollectionRun.objects.update(started_at=timezone.now() - timedelta(minutes=5))

    assert ids(viewer, "/runs?state=abandoned") == [run.pk]
    assert "Nobody began it; every stored day is whole." in text(viewer, f"/runs/{run.pk}")


def test_everything_that_a_run_counts_is_shown_by_a_name(viewer):
    assert list(words.COUNTS) == list(CollectionRun.COUNTS)
    run = over(**{name: 1000 + number for number, name in enumerate(CollectionRun.COUNTS)})

    page = text(viewer, f"/runs/{run.pk}")

    for number, label in enumerate(words.COUNTS.values()):
        shown = f'<dt>{label}</dt>\n          <dd class="nowrap">{1000 + number:,}</dd>'
        assert shown in page


def test_it_shows_whose_run_it_is_and_what_it_noticed(viewer):
    page = text(viewer, f"/runs/{over().pk}")

    for said in ("Meridian Foods", "collect_costs", "Unknown product MAGIC.", 'href="/quality"'):
        assert said in page


@pytest.mark.parametrize("failure", CollectionRun.Failure)
def test_a_failure_says_what_to_do(viewer, failure):
    page = text(viewer, f"/runs/{over(state='failed', failure=failure, error='No route.').pk}")

    assert "No route." in page
    assert failure.label in page
    assert escape(words.ADVICE[failure]) in page


def test_words_of_others_are_no_part_of_the_page(viewer):
    bad = "<script>alert(1)</script>"
    run = over(state="failed", error=bad, notices=[bad], trigger="<b>cron</b>")

    for address in ("/runs", f"/runs/{run.pk}"):
        page = text(viewer, address)
        assert bad not in page
        assert "<b>cron" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_long_error_is_cut_in_the_list_and_whole_on_its_page(viewer):
    run = over(state="failed", error="No route. " * 50)

    assert "No route. " * 20 not in text(viewer, "/runs")
    assert "No route. " * 49 in text(viewer, f"/runs/{run.pk}")


@pytest.mark.parametrize("address", ["/runs/999", "/runs/99999999999999999999999", "/runs/x"])
def test_an_unknown_run_is_not_found(viewer, address):
    assert "There is no such page" in text(viewer, address, 404)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.5, "0.5 s"),
        (9.96, "10 s"),
        (59.7, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3900, "1 h 5 min"),
    ],
)
def test_it_says_how_long_a_run_took(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-11-05", "2026-11-06", "5 Nov 2026"),
        ("2026-11-01", "2026-12-01", "1 to 30 Nov 2026"),
        ("2026-10-28", "2026-11-05", "28 Oct to 4 Nov 2026"),
        ("2025-12-28", "2026-01-05", "28 Dec 2025 to 4 Jan 2026"),
    ],
)
def test_it_says_which_days_a_run_collects(viewer, start, end, said):
    run = over(window_start=start, window_end=end)

    assert f"<h1>Run {run.pk}: {said}</h1>" in text(viewer, f"/runs/{run.pk}")
