"""A client that is generated from the description calls every route of the running portal."""

import importlib
import pkgutil
from datetime import UTC, date, datetime

import pytest

from billing_portal.tests import stored
from billing_portal.tests.people import token_of
from billing_portal.tests.test_openapi import generated  # noqa: F401 (a fixture)
from collector.models import CollectionRun
from costs.models import AllocationRule, SharedCostPolicy
from costs.tests.billed import NOV_2, OCT_30, two_companies
from costs.tests.ownership import policy

DAYS = {"start_date": OCT_30, "end_date": date(2026, 11, 3)}

# What each operation is called with, by its name; a body by the model that the client has for it.
CALLS = {
    "costs_list": {**DAYS, "group_by": ["env", "product"], "compare": "previous", "top": 3},
    "costs_summary": DAYS,
    "costs_facts": {**DAYS, "limit": 5},
    "costs_line_items": {**DAYS, "version": 1},
    "costs_days": DAYS,
    "costs_reconciliation": DAYS,
    "costs_collect": {"body": ("CollectRequestRequest", {"days": 3})},
    "collections_list": {"state": ["succeeded"]},
    "collections_retrieve": {"id": "run"},
    "collections_cancel": {"id": "run"},
    "organizations_list": {"search": "o-"},
    "organizations_retrieve": {"id": "o-1"},
    "organizations_change": {
        "id": "o-1",
        "body": ("PatchedOrganizationRowRequest", {"name_override": "Ours"}),
    },
    "environments_list": {"stage": ["production"]},
    "environments_retrieve": {"id": "env-1"},
    "environments_change": {
        "id": "env-1",
        "body": ("PatchedEnvironmentRowRequest", {"stage": "non-production"}),
    },
    "clusters_list": {},
    "clusters_retrieve": {"id": "lkc-1"},
    "clusters_change": {
        "id": "lkc-1",
        "body": ("PatchedClusterRowRequest", {"name_override": "Ours"}),
    },
    "business_units_list": {},
    "business_units_retrieve": {"id": "BU-1"},
    "business_units_change": {
        "id": "BU-1",
        "body": ("PatchedBusinessUnitRowRequest", {"name": "Shop"}),
    },
    "cost_centers_list": {},
    "cost_centers_retrieve": {"id": "CC-1"},
    "cost_centers_change": {
        "id": "CC-1",
        "body": ("PatchedCostCenterRowRequest", {"name": "Orders"}),
    },
    "rules_list": {"in_force_on": NOV_2},
    "rules_create": {
        "dry_run": "true",
        "body": (
            "RuleRowRequest",
            {
                "selector": "environment",
                "env_id": "env-1",
                "valid_from": OCT_30,
                "targets": [("TargetRowRequest", {"cost_center": "CC-2", "percent": "100"})],
            },
        ),
    },
    "rules_retrieve": {"id": "rule"},
    "rules_change": {"id": "rule", "body": ("PatchedRuleRowRequest", {"notes": "Agreed."})},
    "rules_close": {"id": "rule", "body": ("CloseRequestRequest", {"valid_to": NOV_2})},
    "policies_list": {},
    "policies_retrieve": {"id": "policy"},
}


def built(said, models, ids):
    """The arguments with ids of what is stored, and bodies as the client's own models."""
    match said:
        case dict():
            return {name: built(value, models, ids) for name, value in said.items()}
        case list():
            return [built(value, models, ids) for value in said]
        case (str(model), dict(fields)):
            return getattr(models, model)(**built(fields, models, ids))
    return ids.get(said, said) if isinstance(said, str) else said


@pytest.fixture
def portal(committed, live_server, settings, monkeypatch, generated):  # noqa: F811
    """The generated client with a token, and the operations by name."""
    settings.PRODUCTION = True
    monkeypatch.setattr("collector.dispatch.start_process", lambda run: None)
    meridian, _ = two_companies()
    stored.run(of=meridian)
    policy("SUPPORT", "even", of=meridian)
    package = importlib.import_module("portal_client")
    client = package.AuthenticatedClient(
        base_url=live_server.url,
        token=token_of(stored.superuser()),
        raise_on_unexpected_status=True,
    )
    with client:
        yield client, dict(_operations())


def _operations():
    """Every generated module of an operation, by the operation's name."""
    api = importlib.import_module("portal_client.api")
    for module in pkgutil.walk_packages(api.__path__, "portal_client.api."):
        if not module.ispkg:
            yield module.name.rpartition(".")[2], importlib.import_module(module.name)


def test_it_calls_every_route_and_reads_every_answer(portal):
    client, operations = portal
    ids = {
        "rule": AllocationRule.objects.get(cluster__cluster_id="lkc-1").pk,
        "run": CollectionRun.objects.get().pk,
        "policy": SharedCostPolicy.objects.get().pk,
    }
    calls = built(CALLS, importlib.import_module("portal_client.models"), ids)
    assert calls.keys() == operations.keys()

    answers = {
        name: operations[name].sync_detailed(client=client, **said) for name, said in calls.items()
    }

    failed = {name: answer.content for name, answer in answers.items() if answer.status_code >= 300}
    assert failed == {}
    unread = [name for name, answer in answers.items() if "Error" in type(answer.parsed).__name__]
    assert unread == []
    summary = answers["costs_summary"].parsed
    assert summary.data.total_usd == "307.0000000000"
    facts = answers["costs_facts"].parsed
    assert facts.data[0].timestamp == datetime(2026, 10, 30, tzinfo=UTC)
    assert [len(facts.data), facts.meta.next_cursor] == [5, "2026-10-30T00~5"]
    assert answers["rules_close"].parsed.data.valid_to == NOV_2
    assert answers["costs_collect"].status_code == 202
