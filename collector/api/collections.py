"""Routes of collections."""

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from collector.dispatch import ask_for_collection
from collector.models import CollectionRun
from collector.runs import AlreadyAsked, cancel_run, mark_abandoned
from collector.windows import MOST_DAYS, Asked, Window
from costs.api import schema
from costs.api.base import ApiView
from costs.api.bodies import Strict
from costs.api.errors import Conflict
from costs.api.lists import Filter, Kind, Listing, ListView, ReadOnlyDetailView
from costs.api.permissions import Needs
from costs.visibility import Visibility
from dimensions.models import TokenScope

TRIGGER = "api"
_READ = "collector.view_collectionrun"
START = Needs(
    _READ,
    write=("collector.add_collectionrun",),
    scope=TokenScope.COLLECT,
    whole=True,
    open_in_development=True,
)
CANCEL = Needs(
    _READ,
    write=("collector.change_collectionrun",),
    scope=TokenScope.COLLECT,
    whole=True,
)


class ProgressRow(serializers.Serializer[Any]):
    days_done = serializers.IntegerField()
    days_total = serializers.IntegerField()


class CollectionRow(serializers.ModelSerializer[Any]):
    url = serializers.SerializerMethodField()
    org_id = serializers.CharField(
        source="organization.org_id", allow_null=True, default=None, help_text="Once it is known."
    )
    requested_by = serializers.CharField(
        source="requested_by.username", allow_null=True, default=None
    )
    start_date = serializers.DateField(source="window_start")
    end_date = serializers.DateField(source="window_end", help_text="Exclusive.")
    progress = serializers.SerializerMethodField()
    seconds = serializers.FloatField(allow_null=True, help_text="Null while it goes on.")
    notices = serializers.ListField(child=serializers.CharField())
    error = serializers.CharField(help_text="Why it failed, in words; else empty.")

    class Meta:
        model = CollectionRun
        fields = [
            *("id", "url", "state", "trigger", "requested_by", "org_id", "start_date", "end_date"),
            *("started_at", "finished_at", "cancel_requested_at", "seconds", "progress"),
            *(*CollectionRun.COUNTS, "notices", "error"),
        ]

    def get_url(self, run: CollectionRun) -> str:
        request: Request = self.context["request"]
        return request.build_absolute_uri(reverse("collection", args=[run.pk]))

    @extend_schema_field(ProgressRow)
    def get_progress(self, run: CollectionRun) -> dict[str, int]:
        return {"days_done": run.days_done, "days_total": run.days_total}


class CollectRequest(Strict):
    """One of: start_date and end_date, month, days; without any, the current month so far."""

    start_date = serializers.DateField(required=False)
    end_date = serializers.DateField(required=False, help_text="The day after the last one.")
    month = serializers.RegexField(r"^\d{4}-\d{2}$", required=False, help_text="YYYY-MM.")
    days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, required=False, help_text="The last days, today included."
    )

    def window(self, today: date) -> Window:
        """The UTC days asked for, cut after today. Raises ValidationError."""
        try:
            return Asked(**self.validated_data).window(today)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


def _runs(visibility: Visibility) -> QuerySet[Any]:
    """Every run; nobody who sees only shares gets here."""
    return CollectionRun.objects.select_related("organization", "requested_by").defer(
        "organization__metadata"
    )


COLLECTIONS = Kind(
    "collection",
    row=CollectionRow,
    things=_runs,
    id_field="pk",
    is_whole=True,
    listing=Listing(
        search=("error", "trigger"),
        filters={
            "org": Filter("organization__org_id", "Of these organizations."),
            "state": Filter("state", "In these states.", tuple(CollectionRun.State.values)),
            "trigger": Filter("trigger", "Asked for by these commands, or api, web or admin."),
        },
        orders={"started_at": "started_at", "id": "pk"},
        usual="-started_at",
    ),
)


class CollectionsView(ListView):
    def get(self, request: Request) -> Response:
        mark_abandoned()
        return super().get(request)


class CollectionView(ReadOnlyDetailView):
    def get(self, request: Request, id: str | int) -> Response:
        mark_abandoned()
        return super().get(request, id)


class CollectView(ApiView):
    needs = START

    @extend_schema(
        operation_id="costs_collect",
        summary="Collect days of the bill from Confluent Cloud",
        description="Answers at once; the run goes on by itself. Safe at any time, any number of "
        "times: only what changed is written.",
        parameters=[schema.JSON_ONLY],
        request=CollectRequest,
        responses={
            202: COLLECTIONS.answer,
            409: OpenApiResponse(
                schema.ErrorSerializer, "The same days are being collected: url says by which run."
            ),
        },
    )
    def post(self, request: Request) -> Response:
        reader = self.reader()
        reader.finish()
        asked = CollectRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        window = asked.window(datetime.now(UTC).date())
        user = request.user if request.user.is_authenticated else None
        try:
            run = ask_for_collection(window, trigger=TRIGGER, requested_by=user)
        except AlreadyAsked as error:
            url = self.request.build_absolute_uri(reverse("collection", args=[error.run.pk]))
            raise Conflict({"detail": str(error), "url": url}) from error
        shown = CollectionRow(run, context={"request": request}).data
        return Response({"data": shown}, status=202, headers={"Location": shown["url"]})


class CancelView(ApiView):
    needs = CANCEL

    @extend_schema(
        operation_id="collections_cancel",
        summary="Ask a collection to end",
        description="It ends after the page or day that it is at; every stored day is whole. A "
        "finished one stays as it is.",
        parameters=[schema.JSON_ONLY],
        request=None,
        responses={202: COLLECTIONS.answer},
    )
    def post(self, request: Request, id: int) -> Response:
        reader = self.reader()
        reader.finish()
        cancel_run(id)
        run = _runs(self.visibility()).filter(pk=id).first()
        if run is None:
            raise Http404
        return Response({"data": CollectionRow(run, context={"request": request}).data}, status=202)
