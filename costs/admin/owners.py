"""Business units, and cost centers with the unit they belong to from when on."""

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now, TruncDate
from django.http import HttpRequest

from costs.admin.exchanged import Exchanged
from costs.admin.forms import PlacementFormSet
from costs.admin.preview import PreviewsMovement
from costs.exchange import BusinessUnitResource, CostCenterResource
from dimensions.models import BusinessUnit, CostCenter, CostCenterPlacement


@admin.register(BusinessUnit)
class BusinessUnitAdmin(Exchanged, PreviewsMovement):
    resource_classes = (BusinessUnitResource,)
    list_display = ("code", "name", "contact")
    search_fields = ("code", "name", "contact")
    fields = ("code", "name", "contact", "notes")


class PlacementInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CostCenterPlacement
    formset = PlacementFormSet
    autocomplete_fields = ("business_unit",)
    extra = 0
    verbose_name_plural = "Business unit, from when to when (UTC days)"


@admin.register(CostCenter)
class CostCenterAdmin(Exchanged, PreviewsMovement):
    resource_classes = (CostCenterResource,)
    imports_beside = (CostCenterPlacement,)
    inlines = (PlacementInline,)
    list_display = ("code", "name", "business_unit", "contact")
    search_fields = ("code", "name", "contact")
    fields = ("code", "name", "contact", "notes")
    history_beside = ((CostCenterPlacement, "cost_center_id"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CostCenter]:
        today = TruncDate(Now())
        placed = CostCenterPlacement.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=today),
            cost_center=OuterRef("pk"),
            valid_from__lte=today,
        )
        unit = Subquery(placed.values("business_unit__code")[:1])
        centers: QuerySet[CostCenter] = super().get_queryset(request)
        return centers.annotate(unit_today=unit)

    @admin.display(description="Business unit today", ordering="unit_today")
    def business_unit(self, center: CostCenter) -> str:
        return center.unit_today or "Unallocated"  # type: ignore[attr-defined]
