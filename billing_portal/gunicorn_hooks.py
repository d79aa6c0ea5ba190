"""What gunicorn does around its workers: metrics of all of them are kept in one folder.

https://prometheus.github.io/client_python/multiprocess/
"""

import os
import shutil
from typing import Any

from prometheus_client import multiprocess

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def child_exit(server: Any, worker: Any) -> None:
    """Gauges of a worker that is gone are none any more."""
    if FOLDER in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Take the folder away."""
    if folder := os.environ.get(FOLDER):
        shutil.rmtree(folder, ignore_errors=True)
