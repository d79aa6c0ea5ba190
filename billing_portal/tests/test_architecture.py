"""The layers of .importlinter hold, so that a plain test run tells of a wrong import."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_imports_go_down_only():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=settings.BASE_DIR, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout
