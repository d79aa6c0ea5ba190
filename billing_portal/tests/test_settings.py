"""The settings as a process gets them, and the file that lists them."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from billing_portal import environment

# Read by the tools around the settings, not by them.
ELSEWHERE = {"ENV_FILE", "PORTAL_DATA_DIR", "PORTAL_POSTGRES_BIN"}
COMPOSE_FILES = ("docker-compose.yml", "docker-compose.prod.yml")
SECRET = "hunter22-hunter22-hunter22-hunter22-hunter22-hunter22"


@pytest.fixture
def start():
    """Run manage.py with these variables and no others that the portal knows."""
    known = environment.names_read | ELSEWHERE

    def run(*words, **variables):
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name.removesuffix("_FILE") not in known
        }
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=inherited | {"ENV_FILE": ""} | variables,
            capture_output=True,
            text=True,
        )

    return run


def test_it_lists_every_variable_in_the_example():
    example = (settings.BASE_DIR / ".env.example").read_text()

    listed = re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE)

    assert sorted(listed) == sorted(environment.names_read | ELSEWHERE | of_containers())


def of_containers():
    """The variables that the compose files put in."""
    texts = [(settings.BASE_DIR / "docker" / name).read_text() for name in COMPOSE_FILES]
    return {name for text in texts for name in re.findall(r"(?<!\$)\$\{([A-Z_]+)", text)}


def test_it_stops_at_a_value_that_cannot_be_used(start):
    done = start("check", ENVIRONMENT="prod", CONFLUENT_API_SECRET=SECRET, SECRET_KEY=SECRET)

    assert done.returncode != 0
    assert "ENVIRONMENT is 'prod'; allowed: development, production." in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_it_is_closed_and_secure_in_production(start):
    done = start(
        "shell",
        "--no-imports",
        "--command",
        "from django.conf import settings as s; "
        "print(s.MIDDLEWARE[-1], s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SECURE_HSTS_SECONDS, s.DEBUG, s.WHITENOISE_USE_FINDERS)",
        ENVIRONMENT="production",
        SECRET_KEY=SECRET,
        DATABASE_URL="postgresql://u:p@127.0.0.1:1/none",
    )

    assert done.stdout == (
        "django.contrib.auth.middleware.LoginRequiredMiddleware True True 31536000 False False\n"
    )


def test_it_answers_anonymous_readers_in_development():
    assert not settings.PRODUCTION
    assert not any("LoginRequired" in name for name in settings.MIDDLEWARE)


def test_it_knows_no_time_zone_but_utc():
    assert (settings.TIME_ZONE, settings.USE_TZ) == ("UTC", True)


def test_its_logs_do_not_tell_the_brokers_password(start):
    done = start(
        "shell",
        "--no-imports",
        "--command",
        "import logging; log = logging.getLogger('x'); log.error('redis://:hunter22%2Fredis@h'); "
        "log.error('hunter22/redis')",
        REDIS_URL="redis://:hunter22%2Fredis@127.0.0.1:1/0",
        DATABASE_URL="postgresql://u:p@127.0.0.1:1/none",
    )

    assert "redis://:[redacted]@h" in done.stderr
    assert "hunter22" not in done.stdout + done.stderr
