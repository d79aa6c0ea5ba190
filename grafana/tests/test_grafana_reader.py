"""The role of the dashboards reads what they show, writes nothing and sees nothing else."""

from contextlib import closing
from io import StringIO

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg2.errors import InsufficientPrivilege, ReadOnlySqlTransaction

from collector.tests.processes import database_url
from costs.tests.billed import two_companies

PASSWORD = "it's a $ecret: 100%"
READABLE = {
    "reporting.business_units",
    "reporting.clusters",
    "reporting.cost_centers",
    "reporting.daily_costs",
    "reporting.days",
    "reporting.environments",
    "reporting.organizations",
    "reporting.resource_costs",
}


@pytest.fixture
def as_reader(settings, committed):
    """A connection of its own, logged in as Grafana is."""
    settings.GRAFANA_READER_PASSWORD = PASSWORD
    call_command("setup_grafana_reader", stdout=StringIO())
    with closing(
        psycopg2.connect(database_url(), user="grafana_reader", password=PASSWORD)
    ) as reader:
        reader.autocommit = True
        yield reader.cursor()


def relations():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relnamespace::regnamespace || '.' || relname
            FROM pg_class
            WHERE relkind IN ('r', 'v', 'm', 'p', 'S')
              AND relnamespace::regnamespace::text IN ('public', 'reporting')
            """
        )
        return {name for (name,) in cursor.fetchall()}


def test_it_reads_the_reporting_relations_and_no_other(as_reader):
    readable = set()
    for relation in relations():
        try:
            as_reader.execute(f"SELECT FROM {relation} LIMIT 1")
        except InsufficientPrivilege:
            continue
        readable.add(relation)

    assert len(relations()) > 50
    assert readable == READABLE


def test_it_writes_nothing_even_when_it_says_it_may(as_reader):
    with pytest.raises(ReadOnlySqlTransaction):
        as_reader.execute("CREATE TABLE mine ()")
    as_reader.execute("SET default_transaction_read_only = off")

    for statement in (
        "CREATE TABLE public.mine ()",
        "CREATE TABLE reporting.mine ()",
        "CREATE SCHEMA mine",
        "DELETE FROM daily_cost_facts",
        "UPDATE reporting.daily_costs SET product = ''",
        "DELETE FROM reporting.daily_costs",
        "TRUNCATE daily_cost_facts",
        "COPY daily_cost_facts TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ):
        with pytest.raises(InsufficientPrivilege):
            as_reader.execute(statement)


def test_it_stands_in_utc_and_ends_what_takes_too_long(as_reader):
    as_reader.execute("SELECT current_setting('timezone'), current_setting('statement_timeout')")

    assert as_reader.fetchone() == ("UTC", "30s")


def test_it_sees_names_and_amounts(as_reader):
    two_companies()

    as_reader.execute(
        """
        SELECT name, sum(cost_usd)::numeric(20, 2)::text
        FROM daily_costs JOIN organizations USING (organization_id)
        GROUP BY name ORDER BY name
        """
    )

    assert as_reader.fetchall() == [("Borealis", "7.00"), ("Meridian", "300.00")]


def test_without_a_password_it_says_which_variable(settings, db):
    settings.GRAFANA_READER_PASSWORD = ""

    with pytest.raises(CommandError, match="GRAFANA_READER_PASSWORD is not set"):
        call_command("setup_grafana_reader")


@pytest.fixture
def plain_owner(db):
    """The portal as a user who owns the views and may not make roles, as on many servers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DROP ROLE IF EXISTS plain_owner;
            CREATE ROLE plain_owner;
            ALTER SCHEMA reporting OWNER TO plain_owner;
            DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT viewname FROM pg_views WHERE schemaname = 'reporting' LOOP
                    EXECUTE format('ALTER VIEW reporting.%I OWNER TO plain_owner', name);
                END LOOP;
            END $$;
            SET LOCAL ROLE plain_owner;
            """
        )


@pytest.mark.usefixtures("plain_owner")
def test_who_may_not_make_roles_uses_the_one_that_is_there(settings):
    settings.GRAFANA_READER_PASSWORD = PASSWORD
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; ALTER ROLE grafana_reader LOGIN; SET LOCAL ROLE plain_owner")
    said = StringIO()

    call_command("setup_grafana_reader", stdout=said)

    assert "its password is an administrator's" in said.getvalue()


@pytest.mark.usefixtures("plain_owner")
def test_without_a_role_that_logs_in_an_administrator_is_asked(settings):
    settings.GRAFANA_READER_PASSWORD = PASSWORD
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; ALTER ROLE grafana_reader NOLOGIN; SET LOCAL ROLE plain_owner")

    with pytest.raises(CommandError, match="CREATE ROLE grafana_reader") as refused:
        call_command("setup_grafana_reader")

    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("password", ["", "hunter22"])
def test_the_dashboards_role_gets_a_password_when_there_is_one(db, settings, password):
    settings.GRAFANA_READER_PASSWORD = password
    with connection.cursor() as cursor:
        cursor.execute("ALTER ROLE grafana_reader PASSWORD NULL")

    call_command("prepare_database", verbosity=0)

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'grafana_reader'")
        (stored,) = cursor.fetchone()
    assert (stored or "").startswith("SCRAM-SHA-256") == bool(password)
    assert "hunter22" not in (stored or "")
