"""What an operator reads when a command cannot even begin: one sentence, no traceback."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


def manage(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"DATABASE_URL": ""},
            "Wrong setting: There is no database: DATABASE_URL is not set and the project's own "
            "PostgreSQL is not running. Run `make db` in another terminal, or set DATABASE_URL.\n",
        ),
        (
            {"LOG_LEVEL": "LOUD"},
            "Wrong setting: LOG_LEVEL is 'LOUD'; allowed: DEBUG, INFO, WARNING, ERROR.\n",
        ),
    ],
)
def test_it_says_what_is_wrong_in_a_sentence(tmp_path, variables, sentence):
    done = manage("reconcile", PORTAL_DATA_DIR=str(tmp_path), **variables)

    assert (done.returncode, done.stderr) == (1, sentence)


def test_it_says_that_the_database_does_not_answer_without_the_password():
    done = manage("reconcile", DATABASE_URL="postgresql://someone:hunter2@127.0.0.1:1/billing")

    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer: ")
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
