"""Passwords in the configuration of a connector do not reach the database."""

import pytest

from collector.secrets import without_secrets
from collector.tests import listed
from dimensions.models import Cluster


@pytest.mark.parametrize(
    "name",
    [
        "connection.password",
        "aws.secret.access.key",
        "kafka.api.key",
        "kafka.api.secret",
        "oauth.token",
        "gcs.credentials.config",
        "snowflake.private.key",
        "snowflake.private.key.passphrase",
        "sasl.jaas.config",
        "http.headers",
        "auth.Authorization",
        "ssl.certificate",
        "PASSWORD",
        "azure.connection.string",
    ],
)
def test_it_masks_settings_that_are_secret_by_their_name(name):
    assert without_secrets({name: "hunter2"}) == {name: "****"}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mongodb+srv://ines:hunter2@db.example/x", "mongodb+srv://****@db.example/x"),
        ("jdbc:oracle:thin:scott/tiger@//db:1521/x", "jdbc:oracle:thin:****@//db:1521/x"),
        ("jdbc:x://db;user=ines;password=hunter2;y=1", "jdbc:x://db;user=ines;password=****;y=1"),
        ("failed with Password: hunter2", "failed with Password: ****"),
        ("https://blob.example/a?sv=1&sig=abc%3D", "https://blob.example/a?sv=1&sig=****"),
        ("https://db.example:443/path", "https://db.example:443/path"),
    ],
)
def test_it_masks_secrets_inside_texts(text, masked):
    assert without_secrets([{"connection.url": text}]) == [{"connection.url": masked}]


def test_it_leaves_the_rest_as_it_is():
    document = listed.connector("lcc-1", "secrets-to-s3")

    assert without_secrets(document) == document


def test_it_stores_no_secret(confluent, sync):
    document = listed.connector(
        **{
            "connection.password": "hunter2",
            "basic.auth.user.info": "ines:hunter2",
            "connection.url": "jdbc:postgresql://ines:hunter2@db.example/x",
        }
    )
    document["status"]["connector"]["trace"] = "cannot log in: password=hunter2"
    listed.serve(confluent, kafka=[listed.kafka()], connectors={"to-s3": document})

    sync()

    stored = Cluster.objects.get(kind="connector").metadata
    assert stored["info"]["config"] == {
        "connector.class": "S3_SINK",
        "tasks.max": "2",
        "kafka.auth.mode": "SERVICE_ACCOUNT",
        "kafka.service.account.id": "sa-orders",
        "connection.password": "****",
        "basic.auth.user.info": "****",
        "connection.url": "****",
    }
    assert stored["status"]["connector"]["trace"] == "****"
    assert "hunter2" not in str(stored)
