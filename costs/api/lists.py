"""Lists of things with a search, filters, an order and pages; and one thing of a list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from costs.api import schema
from costs.api.answers import PageMeta, envelope
from costs.api.base import ApiView, PageAsked
from costs.api.errors import Conflict
from costs.api.permissions import Needs
from costs.query_string import Reader, is_storable
from costs.reports.snapshot import snapshot
from costs.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that narrows a list: any of its values, or true and false.

    lookup: Django's name of the column. choices: a closed list of values.
    """

    lookup: str
    says: str
    choices: tuple[str, ...] = ()
    is_flag: bool = False

    def parameter(self, name: str) -> Any:
        if self.is_flag:
            return schema.one(name, self.says, allowed=("true", "false"))
        return schema.many(name, self.says, allowed=self.choices)

    def apply(self, reader: Reader, name: str, things: QuerySet[Any]) -> QuerySet[Any]:
        if not reader.has(name):
            return things
        if self.is_flag:
            return things.filter(**{self.lookup: reader.flag(name, default=True)})
        values = reader.words(name, self.choices) if self.choices else reader.texts(name)
        return things.filter(**{f"{self.lookup}__in": values})


@dataclass(frozen=True, slots=True)
class Listing:
    """How a list is searched, filtered and sorted; usual: the order that nobody asked for."""

    search: tuple[str, ...]
    filters: Mapping[str, Filter]
    orders: Mapping[str, str]
    usual: str

    def parameters(self) -> list[Any]:
        return [
            schema.one("search", "Part of an id or name, in upper or lower case."),
            *(each.parameter(name) for name, each in self.filters.items()),
            schema.one(
                "order_by",
                "- in front turns it round.",
                allowed=self.order_choices(),
                default=self.usual,
            ),
            *schema.PAGING,
            schema.JSON_ONLY,
        ]

    def order_choices(self) -> list[str]:
        return [f"{sign}{name}" for name in self.orders for sign in ("", "-")]

    def apply(self, reader: Reader, things: QuerySet[Any]) -> QuerySet[Any]:
        if text := reader.text("search"):
            found = Q()
            for lookup in self.search:
                found |= Q(**{f"{lookup}__icontains": text})
            things = things.filter(found)
        for name, each in self.filters.items():
            things = each.apply(reader, name, things)
        order = reader.one_of("order_by", self.order_choices(), default=self.usual)
        field = self.orders[order.removeprefix("-")]
        return things.order_by(f"-{field}" if order.startswith("-") else field, "pk")


@dataclass(frozen=True)
class Kind:
    """A kind of thing that the API lists and describes.

    name: as operations write it. id_field: what an address names it by. writes: permissions to
    change one, if not the model's own. is_whole: it speaks of everybody, so that nobody sees it
    who is limited to business units.
    """

    name: str
    row: type[BaseSerializer[Any]]
    things: Callable[[Visibility], QuerySet[Any]]
    id_field: str
    listing: Listing
    writes: tuple[str, ...] = ()
    is_whole: bool = False

    @cached_property
    def page(self) -> Any:
        """How OpenAPI describes a page of them."""
        return envelope(f"{self._title}Page", PageMeta(), self.row(many=True))

    @cached_property
    def answer(self) -> Any:
        """How OpenAPI describes an answer with one of them."""
        return envelope(f"{self._title}Answer", None, self.row())

    @property
    def _title(self) -> str:
        return self.name.title().replace("_", "")

    @property
    def needs(self) -> Needs:
        meta = self.row.Meta.model._meta  # type: ignore[attr-defined]
        view, change = (f"{meta.app_label}.{verb}_{meta.model_name}" for verb in ("view", "change"))
        return Needs(view, write=self.writes or (change,), whole=self.is_whole)

    @property
    def plural(self) -> str:
        return f"{self.name[:-1]}ies" if self.name.endswith("y") else f"{self.name}s"

    @property
    def is_of_organization(self) -> bool:
        return "org" in self.listing.filters


class OfKind(schema.Description):
    """Describes a route by its view's kind."""

    def get_operation_id(self) -> str:
        what = {"GET": "list" if self.is_list else "retrieve", "PATCH": "change"}[self.method]
        return f"{self.kind.plural}_{what}"

    def get_summary(self) -> str:
        name = self.kind.name.replace("_", " ")
        if self.is_list:
            return str(self.kind.plural.replace("_", " ").capitalize())
        return f"Change what people say of one {name}" if self.method == "PATCH" else f"One {name}"

    def get_override_parameters(self) -> list[Any]:
        assert isinstance(self.view, KindView)
        if self.method not in self.view.described_by_kind:
            return []
        kind = self.kind
        if self.is_list:
            return kind.listing.parameters()
        shared = [schema.one("org", "Whose, where several organizations have one of this id.")]
        return [*(shared if kind.is_of_organization else []), schema.JSON_ONLY]

    def get_request_serializer(self) -> Any:
        return self.kind.row

    def get_response_serializers(self) -> Any:
        if self.is_list:
            return self.kind.page
        unclear = "Several organizations have one of this id; org says which one is meant."
        shared = {409: OpenApiResponse(schema.ErrorSerializer, unclear)}
        return {200: self.kind.answer, **(shared if self.kind.is_of_organization else {})}

    @property
    def kind(self) -> Kind:
        assert isinstance(self.view, KindView)
        return self.view.kind

    @property
    def is_list(self) -> bool:
        return isinstance(self.view, ListView)


class KindView(ApiView):
    kind: Kind = None  # type: ignore[assignment]  # as_view gives it
    schema = OfKind()
    # Other methods describe themselves.
    described_by_kind: tuple[str, ...] = ("GET", "PATCH")

    @property
    def needs(self) -> Needs:  # type: ignore[override]
        return self.kind.needs

    def shown(self, things: Any, visibility: Visibility, *, many: bool) -> Any:
        context = {"visibility": visibility, "request": self.request}
        return self.kind.row(things, many=many, context=context).data


class ListView(KindView):
    def get(self, request: Request) -> Response:
        reader = self.reader()
        visibility = self.visibility()
        things = self.kind.listing.apply(reader, self.kind.things(visibility))
        asked = PageAsked.read(reader)
        reader.finish()
        with snapshot():
            count = things.count()
            page = things[asked.offset : asked.offset + asked.limit]
            data = self.shown(page, visibility, many=True)
        meta = {**asked.meta(count), "links": self.links(asked.neighbours(count))}
        return Response({"meta": meta, "data": data})


class ReadOnlyDetailView(KindView):
    """`id` in the address is the thing's own id; where organizations share it, `org` decides."""

    def get(self, request: Request, id: str | int) -> Response:
        visibility = self.visibility()
        thing = self.thing(id, visibility)
        return Response({"data": self.shown(thing, visibility, many=False)})

    def thing(self, id: str | int, visibility: Visibility) -> Model:
        """Raises Http404 also for what the user may not know of."""
        reader = self.reader()
        org = reader.text("org") if self.kind.is_of_organization else ""
        reader.finish()
        if not is_storable(str(id)):
            raise Http404
        found = self.kind.things(visibility).filter(**{self.kind.id_field: id})
        if org:
            found = found.filter(organization__org_id=org)
        things: list[Model] = list(found[:2])
        if not things:
            raise Http404
        if len(things) > 1:
            raise Conflict("Several organizations have it; say which one by org.")
        return things[0]


class DetailView(ReadOnlyDetailView):
    """The same, with what people may say of it."""

    def patch(self, request: Request, id: str) -> Response:
        visibility = self.visibility()
        thing = self.thing(id, visibility)
        context = {"visibility": visibility, "request": request}
        changed = self.kind.row(thing, data=request.data, partial=True, context=context)
        changed.is_valid(raise_exception=True)
        said: dict[str, Any] = changed.validated_data
        for name, value in said.items():
            setattr(thing, name, value)
        if said:
            # Nothing else: a sync of the inventory may have written the rest meanwhile.
            thing.save(update_fields=list(said))
        # Read anew: names that the database makes of what was changed.
        thing = self.kind.things(visibility).get(pk=thing.pk)
        return Response({"data": self.shown(thing, visibility, many=False)})
