"""Whose bill it is, and what a refused list means."""

import pytest

from collector.client import ConfluentError, CredentialsRefused
from collector.inventory import collect_environments, identify_organization
from collector.models import CollectionRun
from collector.tests.conftest import NOW
from dimensions.models import Environment, Organization

TODAY = NOW.date()


def test_it_takes_the_organization_that_the_key_sees(db, confluent, client):
    organization = identify_organization(client, TODAY)

    assert (organization.org_id, organization.name) == (
        confluent.world.organization_id,
        "Meridian Foods",
    )


def test_it_makes_it_once_and_takes_over_a_new_name(db, confluent, client):
    Organization.objects.create(
        org_id=confluent.world.organization_id, name="Old", name_override="Ours"
    )

    identify_organization(client, TODAY)

    assert list(Organization.objects.values_list("name", "name_override")) == [
        ("Meridian Foods", "Ours")
    ]


def test_a_key_that_may_not_read_the_list_needs_the_configured_id(db, confluent, client):
    confluent.faults.add("403", path="/org/v2/organizations")
    with pytest.raises(CredentialsRefused, match="set CONFLUENT_ORGANIZATION_ID"):
        identify_organization(client, TODAY)

    confluent.faults.add("403", path="/org/v2/organizations")
    assert identify_organization(client, TODAY, "o-configured").org_id == "o-configured"


def test_a_wrong_key_is_refused_whatever_is_configured(db, confluent, client):
    confluent.faults.add("401", path="/org/v2/organizations")

    with pytest.raises(CredentialsRefused):
        identify_organization(client, TODAY, "o-configured")

    assert not Organization.objects.exists()


def test_a_configured_id_of_another_organization_is_refused(db, confluent, client):
    with pytest.raises(ConfluentError, match="CONFLUENT_ORGANIZATION_ID is o-other, but the key"):
        identify_organization(client, TODAY, "o-other")

    assert not Organization.objects.exists()


@pytest.mark.parametrize("fault", ["403", "500"])
def test_a_refused_list_of_environments_is_a_notice(db, confluent, client, fault):
    organization = identify_organization(client, TODAY)
    client.max_wait = 0
    confluent.faults.add(fault, path="/org/v2/environments")

    (notice,) = collect_environments(client, organization, TODAY)

    assert notice.startswith("The list of environments was not had; ids stand in for new names.")
    assert not Environment.objects.exists()


def test_the_bill_is_collected_without_the_list_of_environments(confluent, collect_days):
    confluent.faults.add("403", path="/org/v2/environments")

    run = collect_days("2026-10-05", "2026-10-06")

    assert (run.state, run.days_changed) == ("succeeded", 1)
    assert run.notices[0].startswith("The list of environments was not had")
    assert Environment.objects.filter(name="").exists()


def test_what_a_person_edited_stays(db, confluent, client):
    organization = identify_organization(client, TODAY)
    collect_environments(client, organization, TODAY)
    edited = Environment.objects.first()
    Environment.objects.filter(pk=edited.pk).update(
        name="stale", name_override="Ours", stage="production"
    )

    collect_environments(client, organization, TODAY)

    environment = Environment.objects.get(pk=edited.pk)
    assert (environment.name, environment.display_name, environment.stage) == (
        edited.name,
        "Ours",
        "production",
    )


def test_a_refused_key_leaves_a_failed_run(confluent, client, collect_days):
    confluent.faults.add("401", path="/org/v2/organizations")

    with pytest.raises(CredentialsRefused):
        collect_days("2026-10-05", "2026-10-06")

    run = CollectionRun.objects.get()
    assert (run.state, run.organization, run.trigger) == ("failed", None, "test")
    assert "refused the API key (401)" in run.error
