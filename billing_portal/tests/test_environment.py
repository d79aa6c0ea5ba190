"""Readers of variables: what they take, and that a refusal names the variable and what is allowed.

Every test uses a name of its own: nothing else reads it.
"""

import pytest
from django.core.exceptions import ImproperlyConfigured

from billing_portal import environment

NAME = "PORTAL_TEST_VARIABLE"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    """The names that settings.py read stay as they are."""
    monkeypatch.setattr(environment, "names_read", set())
    for name in (NAME, f"{NAME}_FILE"):
        monkeypatch.delenv(name, raising=False)


def stage():
    return environment.choice(NAME, ("development", "production"), "development")


def switch():
    return environment.flag(NAME, default=False)


def port():
    return environment.number(NAME, 8000, low=1, high=65_535)


def hosts():
    return environment.words(NAME, "localhost,app")


def address():
    return environment.url(NAME, ("https", "http"), "https://api.confluent.cloud")


def database_url():
    return environment.url(NAME, ("postgresql", "postgres"))


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (stage, "development"),
        (switch, False),
        (port, 8000),
        (hosts, ["localhost", "app"]),
        (address, "https://api.confluent.cloud"),
        (database_url, ""),
    ],
)
def test_it_has_a_default(read, value):
    assert read() == value
    assert environment.names_read == {NAME}


@pytest.mark.parametrize(
    ("read", "written", "value"),
    [
        (stage, "production", "production"),
        (stage, " production\n", "production"),
        (switch, "true", True),
        (switch, "TRUE", True),
        (switch, "1", True),
        (switch, "yes", True),
        (switch, "on", True),
        (switch, "False", False),
        (switch, "0", False),
        (switch, "no", False),
        (switch, "off", False),
        (port, "1", 1),
        (port, "65535", 65_535),
        (port, " 8080 ", 8080),
        (hosts, "a, b ,,c", ["a", "b", "c"]),
        (hosts, "", []),
        (address, "http://127.0.0.1:8099/", "http://127.0.0.1:8099"),
        (address, "https://[::1]:8099", "https://[::1]:8099"),
        (database_url, "postgres://u:p%40ss@db:5432/bill", "postgres://u:p%40ss@db:5432/bill"),
    ],
)
def test_it_takes(monkeypatch, read, written, value):
    monkeypatch.setenv(NAME, written)

    assert read() == value


CHOICES = "development, production"
WHOLE = "a whole number from 1 to 65535"


@pytest.mark.parametrize(
    ("read", "written", "allowed"),
    [
        (stage, "prod", CHOICES),
        (stage, "Production", CHOICES),
        (stage, "", CHOICES),
        (switch, "maybe", "true, false"),
        (switch, "", "true, false"),
        (switch, "2", "true, false"),
        (port, "0", WHOLE),
        (port, "65536", WHOLE),
        (port, "-1", WHOLE),
        (port, "80.5", WHOLE),
        (port, "1e3", WHOLE),
        (port, "1_000", WHOLE),
        (port, "٨٠", WHOLE),
        (port, "", WHOLE),
        (address, "ftp://files.example", "https://host... or http://host..."),
        (address, "api.confluent.cloud", "https://host... or http://host..."),
        (address, "https://", "https://host... or http://host..."),
        (address, "https://[::1", "https://host... or http://host..."),
        (database_url, "mysql://u:hunter22@db/bill", "postgresql://host... or postgres://host..."),
    ],
)
def test_it_refuses(monkeypatch, read, written, allowed):
    monkeypatch.setenv(NAME, written)

    with pytest.raises(ImproperlyConfigured) as refused:
        read()

    message = str(refused.value)
    assert message.startswith(f"{NAME} is ")
    assert message.endswith(f"; allowed: {allowed}.")


@pytest.mark.parametrize(
    "written",
    [
        "postgres//u:hunter22@db/bill",
        "mysql://u:hunter22@db/bill",
        "postgresql://u:hunter22@/bill",
        "postgresql://u:hunter22@[db/bill",
        "postgresql://u:hunter22@db:many/bill",
        "postgresql://u:hunter22/more@db/bill",
        "postgresql://u:hunter22#more@db/bill",
        "postgresql://u:hunter22?more@db/bill",
    ],
)
def test_it_never_repeats_an_address_with_a_password(monkeypatch, written):
    monkeypatch.setenv(NAME, written)

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.database(database_url())

    assert "hunter22" not in str(refused.value)


def test_it_reads_a_secret_from_a_file(monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("correct horse\n")
    monkeypatch.setenv("PORTAL_TEST_SECRET_FILE", str(secret))

    assert environment.text("PORTAL_TEST_SECRET") == "correct horse"


@pytest.mark.parametrize("written", ["$HOME", "$$", "a$b", r"\$x", "#1", "a=b", "'quoted'"])
def test_it_takes_a_secret_as_written(monkeypatch, written):
    monkeypatch.setenv(NAME, written)

    assert environment.text(NAME) == written


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "No such file or directory"),
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda path: path.write_bytes(b"hunter22\xff"), "it is not UTF-8"),
    ],
    ids=["missing", "folder", "binary"],
)
def test_it_names_the_variable_whose_file_cannot_be_read(monkeypatch, tmp_path, make, reason):
    make(tmp_path / "secret")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.text(NAME)

    assert str(refused.value) == f"{NAME}_FILE cannot be read: {reason}."


def test_it_prefers_the_process_to_the_file(monkeypatch, tmp_path):
    file = tmp_path / ".env"
    file.write_text(f"# a comment\n{NAME}=from file\nPORTAL_TEST_OTHER='two words'\n")
    monkeypatch.setenv(NAME, "from process")
    monkeypatch.setenv("PORTAL_TEST_OTHER", "")
    monkeypatch.delenv("PORTAL_TEST_OTHER")

    environment.load_env_file(str(file))

    assert environment.text(NAME) == "from process"
    assert environment.text("PORTAL_TEST_OTHER") == "two words"


def test_it_makes_a_database_of_an_address():
    found = environment.database("postgresql://u:p%40ss@db:5433/bill?sslmode=require")

    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "bill",
        "USER": "u",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": 5433,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "billing-portal",
            "connect_timeout": 5,
            "options": "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 "
            "-c tcp_keepalives_count=3",
            "keepalives_idle": 60,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "sslmode": "require",
        },
    }


def test_it_stands_in_for_a_database_that_is_not_configured():
    assert environment.database(None) == {"ENGINE": "billing_portal.no_database"}
