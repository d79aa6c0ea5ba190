"""`make bench`: make the database where it is missing, measure, print.

    python -m billing_portal.bench

DATABASE_URL names the server; the database `bench` on it is made and kept.
"""

import os
import sys
from urllib.parse import urlsplit

import psycopg2


def main() -> None:
    address = urlsplit(os.environ["DATABASE_URL"])
    _make_database(address.geturl())
    os.environ["DATABASE_URL"] = address._replace(path="/bench").geturl()
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_portal.settings"

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)

    from billing_portal.bench import api, data

    if not data.facts():
        _say("Making a year of 2.92 million daily facts (some minutes, once) ...")
        data.fill()
    _say(f"Daily facts: {data.facts():,}.\n")
    for line in api.measure():
        _say(line)


def _make_database(url: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = 'bench'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE DATABASE bench")
    connection.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


main()
