"""The portal served for real, on a free port, with the tests' database."""

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

from django.conf import settings

from collector.tests.processes import database_url, free_port


@contextmanager
def served(**environment):
    """The process of `manage.py serve`, and its address; it answers by then."""
    port = free_port()
    own = {"API_PORT": str(port), "DATABASE_URL": database_url()}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=settings.BASE_DIR,
        env=os.environ | own | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert "The portal is at" in process.stdout.readline()
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/healthz")
        yield process, address
    finally:
        process.terminate()  # not killed: it has a folder to take away
        process.communicate(timeout=20)


def wait_for(url):
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer.")
