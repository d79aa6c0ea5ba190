"""Who may do what, as three groups; operators add members, and more permissions if they like."""

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Model
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from collector.models import CollectionRun
from costs.models import AllocationRule, AllocationTarget, SharedCostPolicy, SharedCostTarget
from dimensions.models import (
    ApiToken,
    BusinessUnit,
    BusinessUnitScope,
    Cluster,
    ClusterTag,
    CostCenter,
    CostCenterPlacement,
    Environment,
    Organization,
)

OURS = ("collector", "costs", "dimensions")
# People make, change and delete these.
CURATED = (
    BusinessUnit,
    CostCenter,
    CostCenterPlacement,
    ClusterTag,
    AllocationRule,
    AllocationTarget,
    SharedCostPolicy,
    SharedCostTarget,
)
# What users may do and see is for superusers.
OF_USERS = (ApiToken, BusinessUnitScope)
# When the schedule runs what; its rows are made by setup_schedule, and tasks need no new ones.
SCHEDULE = (CrontabSchedule, IntervalSchedule)
# Collected; people name them, tell their stage and charge them to somebody.
DESCRIBED = (Organization, Environment, Cluster)


def group_permissions() -> dict[str, set[tuple[str, str]]]:
    """The permissions of each group, as app label and codename. Money is for nobody to change."""
    shown = (model for app in OURS for model in _models(app) if model not in OF_USERS)
    viewed = set(_named(["view"], shown))
    curating = {
        *_named(["add", "change", "delete"], CURATED),
        *_named(["change"], DESCRIBED),
    }
    collecting = {
        *_named(["add", "change"], (CollectionRun,)),
        *_named(["view", "add", "change"], SCHEDULE),
        *_named(["view", "change"], (PeriodicTask,)),
    }
    return {
        "FinOps": viewed | curating,
        "Operator": viewed | collecting,
        "Viewer": viewed,
    }


@transaction.atomic
def make_groups() -> dict[str, int]:
    """Make the groups and give them what they lack; how many permissions each was given.

    What an operator gave them beside stays. Raises LookupError before the tables are migrated.
    """
    stored = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.select_related("content_type")
    }
    given = {}
    for name, wanted in group_permissions().items():
        if missing := wanted - stored.keys():
            raise LookupError(", ".join(sorted(f"{app}.{codename}" for app, codename in missing)))
        group, _ = Group.objects.get_or_create(name=name)
        has = set(group.permissions.values_list("pk", flat=True))
        lacking = {stored[each].pk for each in wanted} - has
        group.permissions.add(*lacking)
        given[name] = len(lacking)
    return given


def _models(app: str) -> Iterable[type[Model]]:
    return apps.get_app_config(app).get_models()


def _named(actions: Iterable[str], models: Iterable[type[Model]]) -> Iterable[tuple[str, str]]:
    for model in models:
        for action in actions:
            yield model._meta.app_label, f"{action}_{model._meta.model_name}"
