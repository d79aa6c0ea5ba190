"""The portal as a newcomer starts it: served, answering, gone after Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from django.conf import settings
from django.db import connection


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def answer(url):
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.status, response.read().decode()


@pytest.fixture
def served(transactional_db):
    port = free_port()
    database = settings.DATABASES["default"]
    environment = os.environ | {
        "API_PORT": str(port),
        "DATABASE_URL": "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/".format(**database)
        + connection.settings_dict["NAME"],
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "The portal is at" in process.stdout.readline()
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.communicate()


def wait_for(url):
    for _ in range(100):
        try:
            return answer(url)
        except OSError:
            time.sleep(0.1)
    return answer(url)


def test_it_serves_pages_with_their_style_and_ends_on_ctrl_c(served):
    process, url = served

    status, page = wait_for(f"{url}/")
    assert (status, "Confluent Billing Portal" in page) == (200, True)
    assert answer(f"{url}/static/css/portal.css")[0] == 200
    assert answer(f"{url}/healthz")[0] == 200

    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 0
    with pytest.raises(OSError, match="refused"):
        answer(f"{url}/")
