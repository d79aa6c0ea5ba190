"""`make bench`: make the databases where they are missing, measure, print.

    python -m billing_portal.bench [api | pages | dashboards | workers]

DATABASE_URL names the server; the databases `bench_...` on it are made and kept.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg2

PARTS = ("api", "pages", "dashboards", "workers")
# Those that read the same year share its database.
DATABASES = {
    "api": "bench_api",
    "pages": "bench_api",
    "dashboards": "bench_api",
    "workers": "bench_workers",
}


def main() -> None:
    """Each part has a database, and so a process, of its own."""
    asked = sys.argv[1:]
    if len(asked) != 1:
        for part in asked or PARTS:
            subprocess.run([sys.executable, "-m", "billing_portal.bench", part], check=True)  # noqa: S603
        return
    _set_up(asked[0])
    _say(f"\n## {asked[0]}\n")
    for line in _measure(asked[0]):
        _say(line)


def _set_up(part: str) -> None:
    address = urlsplit(os.environ["DATABASE_URL"])
    _make_database(address.geturl(), DATABASES[part])
    os.environ["DATABASE_URL"] = address._replace(path=f"/{DATABASES[part]}").geturl()
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_portal.settings"

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)


def _measure(part: str) -> Iterator[str]:
    from billing_portal.bench import api, dashboards, data, pages, workers

    if part == "workers":
        return workers.measure()
    if not data.is_current():
        _say("Making a year of 2.92 million daily facts (some minutes, once) ...")
        data.fill()
    _say(f"Daily facts: {data.facts():,}.\n")
    measures = {"api": api.measure, "pages": pages.measure, "dashboards": dashboards.measure}
    return measures[part]()


def _make_database(url: str, name: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {name}")
    connection.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


main()
