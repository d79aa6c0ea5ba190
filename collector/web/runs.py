"""Pages about collection runs: their list, one of them, and what starts and cancels them."""

from datetime import UTC, date, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from collector.api.collections import CANCEL, START
from collector.dispatch import ask_for_collection
from collector.models import CollectionRun
from collector.runs import AlreadyAsked, cancel_run, mark_abandoned
from collector.web import words
from collector.web.forms import CollectForm
from collector.windows import Asked, Window, longest_end
from costs.api.permissions import Needs, may_without_login, why_refused
from costs.query_string import Reader
from costs.visibility import Visibility
from costs.web.page import Guarded, Page

TRIGGER = "web"
RUNS_ON_A_PAGE = 25
MOST_PAGES = 1_000_000


class SeeOther(HttpResponseRedirect):
    """Leads on to a page that is read, after something was done."""

    status_code = 303


class RunsPage(Page):
    """A page about runs; what has died is told before it is read."""

    needs = START
    section = "runs"
    is_polled = True

    def get(self, request: HttpRequest, **named: Any) -> HttpResponse:
        # Before: inside, the page's transaction reads only.
        mark_abandoned()
        return super().get(request, **named)


class Runs(RunsPage):
    """Every run, newest first, and the forms that start one."""

    template_name = "collector/runs.html"
    form: CollectForm | None = None

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        states = reader.words("state", CollectionRun.State.values)
        number = reader.number("page", 1, low=1, high=MOST_PAGES)
        reader.finish()
        page = Paginator(_runs(states), RUNS_ON_A_PAGE).get_page(number)
        rows = [(run, words.days_of(run), words.duration(run.seconds)) for run in page]
        return {
            "rows": rows,
            "page": page,
            "states": states,
            "choices": CollectionRun.State.choices,
            "goes_on": any(not run.is_finished for run in page),
            "may_start": may(self.request, START),
            "form": self.form or CollectForm(today=_today()),
        }


class Collect(Runs):
    """Starts a run; what cannot be collected is told beside its field, above the list."""

    http_method_names = [*Page.http_method_names, "post"]

    def get(self, request: HttpRequest, **named: Any) -> HttpResponse:
        """Whoever comes here by reloading, or from the login, finds the list."""
        return redirect("runs")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CollectForm(request.POST, today=_today())
        if form.is_valid():
            return _to(_collect(request, form.window))
        self.form = form
        answer = super().get(request)
        answer.status_code = 422
        return answer


class Run(RunsPage):
    """Everything about one run."""

    template_name = "collector/run.html"

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        reader.finish()
        run = get_object_or_404(_runs().select_related("organization"), pk=named["id"])
        return {
            "run": run,
            "days": words.days_of(run),
            "took": words.duration(run.seconds),
            "counts": words.counts(run),
            "advice": words.advice(run),
            "may_start": may(self.request, START),
            "may_cancel": may(self.request, CANCEL),
        }


class Again(Guarded):
    """Has the days of a run collected again."""

    needs = START
    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, id: int) -> HttpResponse:
        return redirect("run", id)

    def post(self, request: HttpRequest, id: int) -> HttpResponse:
        """Leads to the new run, or that of the newest month, or back if there is none."""
        old = get_object_or_404(CollectionRun, pk=id)
        window = Window(old.window_start, old.window_end)
        # A failure before the first request is recorded once for all the months it was to be.
        fits = window.end <= longest_end(window.start)
        newest, *_ = [_again(request, part) for part in ([window] if fits else window.by_month())]
        return _to(newest or old)


class Cancel(Guarded):
    """Asks a run to end; a finished one stays as it is."""

    needs = CANCEL
    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, id: int) -> HttpResponse:
        return redirect("run", id)

    def post(self, request: HttpRequest, id: int) -> HttpResponse:
        cancel_run(id)
        run = get_object_or_404(CollectionRun, pk=id)
        if run.state == CollectionRun.State.RUNNING:
            said = f"Run {run.pk} ends after the page or day that it is at."
        else:
            said = f"Run {run.pk}: {run.get_state_display().lower()}."
        messages.success(request, said)
        return _to(run)


def may(request: HttpRequest, needs: Needs) -> bool:
    """Whether who looks may also do it; what is not allowed is not offered."""
    user = request.user
    if not user.is_authenticated:
        return needs.open_in_development and may_without_login(request)
    return not why_refused(user, needs, reads=False)


def _today() -> date:
    return datetime.now(UTC).date()


def _runs(states: tuple[str, ...] = ()) -> QuerySet[CollectionRun]:
    """Newest first; in these states, if any are named."""
    runs = CollectionRun.objects.select_related("requested_by")
    return runs.filter(state__in=states) if states else runs


def _to(run: CollectionRun) -> SeeOther:
    return SeeOther(reverse("run", args=[run.pk]))


def _again(request: HttpRequest, window: Window) -> CollectionRun | None:
    """None, and the reason told, when the days are too old by now."""
    try:
        asked = Asked(start_date=window.start, end_date=window.end).window(_today())
    except ValueError as error:
        messages.error(request, f"{words.days(window)}: {error}")
        return None
    return _collect(request, asked)


def _collect(request: HttpRequest, window: Window) -> CollectionRun:
    """Ask for the window and say what came of it; the run of these days."""
    user = request.user if request.user.is_authenticated else None
    try:
        run = ask_for_collection(window, trigger=TRIGGER, requested_by=user)
    except AlreadyAsked as error:
        messages.warning(request, str(error))
        return error.run
    if not run.is_finished:
        messages.success(request, f"Run {run.pk} collects {words.days(window)}.")
    return run
