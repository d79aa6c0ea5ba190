"""A Redis of the tests' own: nothing is kept on disk, and it can be killed like any process."""

import shutil
import subprocess
import time

import pytest
import redis

from collector.tests.processes import free_port


class RedisServer:
    """Always at the same address, with nothing in it after each start."""

    def __init__(self, folder):
        if shutil.which("redis-server") is None:
            pytest.skip("redis-server is not installed (apt-get install redis-server)")
        self._folder = folder
        self._port = free_port()
        self._process = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self):
        self._process = subprocess.Popen(
            [
                *("redis-server", "--port", str(self._port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", str(self._folder)),
            ],
            stdout=subprocess.DEVNULL,
        )
        for _ in range(200):
            try:
                return redis.Redis.from_url(self.url).ping()
            except redis.ConnectionError:
                time.sleep(0.02)
        raise AssertionError("Redis does not start.")

    def kill(self):
        self._process.kill()
        self._process.wait()
