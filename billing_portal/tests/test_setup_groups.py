"""The groups FinOps, Operator and Viewer: made once, mended later, never cut."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from billing_portal.groups import make_groups


def setup_groups():
    said = StringIO()
    call_command("setup_groups", stdout=said)
    return said.getvalue()


def member_of(group):
    user = get_user_model().objects.create_user("ines", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def codenames(group):
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


@pytest.mark.parametrize(
    ("permission", "finops", "operator", "viewer"),
    [
        ("costs.add_allocationrule", True, False, False),
        ("costs.delete_allocationtarget", True, False, False),
        ("costs.change_sharedcostpolicy", True, False, False),
        ("costs.add_sharedcosttarget", True, False, False),
        ("dimensions.add_businessunit", True, False, False),
        ("dimensions.delete_costcenter", True, False, False),
        ("dimensions.change_costcenterplacement", True, False, False),
        ("dimensions.delete_clustertag", True, False, False),
        ("dimensions.change_organization", True, False, False),
        ("dimensions.change_environment", True, False, False),
        ("dimensions.change_cluster", True, False, False),
        ("dimensions.add_cluster", False, False, False),
        ("dimensions.delete_environment", False, False, False),
        ("costs.view_billingday", True, True, True),
        ("costs.view_costlineitem", True, True, True),
        ("costs.view_allocationchange", True, True, True),
        ("costs.view_historicalallocationrule", True, True, True),
        ("collector.view_collectionrun", True, True, True),
        ("collector.view_quarantinedrow", True, True, True),
        ("costs.change_costlineitem", False, False, False),
        ("costs.delete_billingday", False, False, False),
        ("costs.change_historicalallocationrule", False, False, False),
        ("collector.delete_quarantinedrow", False, False, False),
        ("auth.view_user", False, False, False),
        ("collector.add_collectionrun", False, True, False),
        ("collector.change_collectionrun", False, True, False),
        ("collector.delete_collectionrun", False, False, False),
        ("dimensions.view_apitoken", False, False, False),
        ("dimensions.add_apitoken", False, False, False),
        ("dimensions.view_businessunitscope", False, False, False),
        ("dimensions.change_businessunitscope", False, False, False),
    ],
)
def test_who_may_do_what(db, permission, finops, operator, viewer):
    setup_groups()
    user = get_user_model().objects.create_user("ines", is_staff=True)

    for group, may in {"FinOps": finops, "Operator": operator, "Viewer": viewer}.items():
        user.groups.set([Group.objects.get(name=group)])
        assert get_user_model().objects.get(pk=user.pk).has_perm(permission) is may


def test_again_it_gives_nothing(db):
    setup_groups()
    before = codenames("FinOps"), codenames("Viewer")

    assert setup_groups() == (
        "FinOps: permissions given: 0\nOperator: permissions given: 0\n"
        "Viewer: permissions given: 0\n"
    )
    assert (codenames("FinOps"), codenames("Viewer")) == before


def test_it_gives_back_what_is_missing_and_keeps_what_an_operator_added(db):
    setup_groups()
    group = Group.objects.get(name="Viewer")
    group.permissions.remove(Permission.objects.get(codename="view_billingday"))
    group.permissions.add(Permission.objects.get(codename="view_user"))

    assert make_groups() == {"FinOps": 0, "Operator": 0, "Viewer": 1}
    assert codenames("Viewer") >= {"view_billingday", "view_user"}


def test_members_stay(db):
    setup_groups()
    user = member_of("FinOps")

    setup_groups()

    assert user.groups.get().name == "FinOps"


def test_before_migrate_it_says_what_to_do(db):
    Permission.objects.filter(codename="view_billingday").delete()

    with pytest.raises(CommandError, match=r"run manage.py migrate first. costs.view_billingday"):
        setup_groups()

    assert not Group.objects.exists()
