"""What the health checks of containers ask: does this machine's worker, or beat, live?"""

import socket
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from collector.heartbeats import note_beat
from collector.models import ProcessHeartbeat
from costs.clock import database_now


def check(process):
    call_command("check_process", process, stdout=StringIO())


def seen(name, *, ago=0):
    ProcessHeartbeat.objects.create(
        kind="worker", name=name, seen_at=database_now() - timedelta(seconds=ago)
    )


def test_it_passes_while_they_live(db):
    note_beat()
    seen(f"long@{socket.gethostname()}")

    check("beat")
    check("long")


@pytest.mark.parametrize("name", ["long@elsewhere", f"hourly@{socket.gethostname()}"])
def test_another_machine_or_queue_does_not_count(db, name):
    seen(name)

    with pytest.raises(CommandError, match=f"long@{socket.gethostname()} was not seen"):
        check("long")


def test_who_was_seen_long_ago_is_not_alive(db):
    seen(f"hourly@{socket.gethostname()}", ago=90)

    with pytest.raises(CommandError, match="was not seen for a minute"):
        check("hourly")


def test_beat_that_never_ran_is_not_alive(db):
    with pytest.raises(CommandError, match="beat was not seen"):
        check("beat")
