"""Lists that people look at and do not edit."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

COUNT_AT_MOST = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than anybody turns pages; a year of lines has millions."""

    @cached_property
    def count(self) -> int:
        objects = self.object_list
        assert isinstance(objects, QuerySet)
        return objects.order_by().values("pk")[:COUNT_AT_MOST].count()


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """A window on what the collector wrote."""

    paginator = BoundedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
