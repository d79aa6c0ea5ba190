"""People are listed only where the operator says so, and little of them is stored."""

from collector.tests import listed
from dimensions.models import Principal

INES = {
    "id": "u-1",
    "full_name": "Ines Albrecht",
    "email": "ines@meridian.example",
    "auth_type": "AUTH_TYPE_SSO",
    "metadata": {"resource_name": "crn://confluent.cloud/user=u-1"},
}
ROBOT = {"id": "u-2", "full_name": "", "email": "robot@meridian.example"}
COLUMNS = ("principal_id", "kind", "name", "display_name", "metadata", "gone_since")


def test_it_asks_for_no_user_by_default(confluent, sync):
    listed.serve(confluent, users=[INES, ROBOT])

    report = sync()

    assert listed.USERS not in {request.path for request in confluent.requests}
    assert not Principal.objects.exists()
    assert "user" not in report.counts


def test_it_stores_a_name_and_no_more(confluent, sync):
    listed.serve(confluent, users=[INES, ROBOT])

    report = sync(collect_users=True)

    robot = "robot@meridian.example"
    assert list(Principal.objects.values_list(*COLUMNS)) == [
        (
            "u-1",
            "user",
            "Ines Albrecht",
            "Ines Albrecht",
            {"id": "u-1", "auth_type": "AUTH_TYPE_SSO"},
            None,
        ),
        ("u-2", "user", robot, robot, {"id": "u-2", "auth_type": ""}, None),
    ]
    assert report.counts["user"].listed == 2


def test_it_forgets_them_when_it_is_switched_off(confluent, sync):
    listed.serve(confluent, users=[INES])
    sync(collect_users=True)

    sync()

    assert list(Principal.objects.values_list(*COLUMNS)) == [("u-1", "user", "", "u-1", {}, None)]
