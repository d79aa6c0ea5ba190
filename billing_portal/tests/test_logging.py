"""Logs: JSON in production, readable lines otherwise, never a secret."""

import json
import logging

import pytest
import structlog

from billing_portal.logging import logging_config

SECRET = "hunter22-and-more"


@pytest.fixture
def configure():
    """logging_config, undone after the test."""
    root, urllib3 = logging.getLogger(), logging.getLogger("urllib3")
    before = (list(root.handlers), root.level, urllib3.level, structlog.get_config())

    def run(*, as_json=True, level="INFO", secrets=(SECRET,)):
        logging_config(level=level, as_json=as_json, secrets=secrets)

    yield run
    root.handlers[:], root_level, urllib3_level, config = before
    root.setLevel(root_level)
    urllib3.setLevel(urllib3_level)
    structlog.configure(**config)


@pytest.fixture
def written(capsys):
    """The lines on stderr."""
    return lambda: capsys.readouterr().err.splitlines()


def test_it_writes_a_json_line_in_production(configure, written):
    configure()

    logging.getLogger("collector.runs").warning("Day %s is held.", "2026-11-10")

    (line,) = written()
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "Day 2026-11-10 is held.",
        "level": "warning",
        "logger": "collector.runs",
    }


def test_it_writes_a_readable_line_in_development(configure, written):
    configure(as_json=False)

    logging.getLogger("collector.runs").warning("Day %s is held.", "2026-11-10")

    (line,) = written()
    assert "[warning  ] Day 2026-11-10 is held." in line
    assert "[collector.runs]" in line
    assert "\x1b" not in line


def test_it_keeps_the_context_of_structured_events(configure, written):
    configure()

    structlog.get_logger("collector.context").info("page fetched", run=7, rows=5000)

    event = json.loads(written()[0])
    assert (event["event"], event["run"], event["rows"]) == ("page fetched", 7, 5000)


def test_it_keeps_a_traceback_in_its_json_line(configure, written):
    configure()

    try:
        raise ValueError("a bad row")
    except ValueError:
        logging.getLogger("collector").exception("It failed.")

    (line,) = written()
    assert "ValueError: a bad row" in json.loads(line)["exception"]


def in_the_message():
    logging.getLogger("x").info(f"key {SECRET} used")


def in_an_argument():
    logging.getLogger("x").info("key %s used", SECRET)


def in_a_field():
    structlog.get_logger("x").info("key used", key={"value": SECRET})


def in_a_traceback():
    try:
        raise ValueError(f"refused: {SECRET}")
    except ValueError:
        logging.getLogger("x").exception("It failed.")


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("tell", [in_the_message, in_an_argument, in_a_field, in_a_traceback])
def test_it_never_writes_a_secret(configure, written, as_json, tell):
    configure(as_json=as_json)

    tell()

    text = "\n".join(written())
    assert SECRET not in text
    assert "[redacted]" in text


@pytest.mark.parametrize("secret", ['quo"te-and-more', "back\\slash-more", "ümlaut-and-more"])
@pytest.mark.parametrize("as_json", [True, False])
def test_it_knows_a_secret_that_the_format_escapes(configure, written, as_json, secret):
    configure(as_json=as_json, secrets=[secret])

    logging.getLogger("x").info("key %s used", secret)

    structlog.get_logger("x").info("key used", key=secret)

    message, field = written()
    assert "key [redacted] used" in message
    assert secret not in field
    assert "[redacted]" in field


@pytest.mark.parametrize("as_json", [True, False])
def test_it_leaves_local_variables_out_of_tracebacks(configure, written, as_json):
    configure(as_json=as_json)

    try:
        password = ["typed", "by"]
        raise ValueError("not a number")
    except ValueError:
        logging.getLogger("x").exception("It failed %d times.", len(password))

    text = "\n".join(written())
    assert "ValueError: not a number" in text
    assert "['typed', 'by']" not in text


@pytest.mark.parametrize("secret", ["", "a", "level"])
def test_it_leaves_ordinary_words_alone(configure, written, secret):
    configure(secrets=[secret])

    logging.getLogger("x").info("a level")

    (line,) = written()
    assert json.loads(line)["event"] == "a level"


def test_it_leaves_out_what_is_below_the_level(configure, written):
    configure(level="WARNING")

    logging.getLogger("x").info("too quiet")
    structlog.get_logger("y").info("too quiet")
    logging.getLogger("x").warning("loud enough")

    assert [json.loads(line)["event"] for line in written()] == ["loud enough"]


def test_it_spares_the_line_that_urllib3_writes_for_every_request(configure, written):
    configure(level="DEBUG")

    logging.getLogger("urllib3.connectionpool").debug("GET /billing/v1/costs")

    assert written() == []


@pytest.mark.parametrize("as_json", [True, False])
def test_nobody_else_writes_lines(configure, written, as_json):
    """Words of Confluent, of a file or of a request stay inside the line that quotes them."""
    configure(as_json=as_json)
    words = "no\n2026-11-24T12:00:00Z [info     ] All is well. [root]\r\x1b[2Jgone\x85\u2028end"

    logging.getLogger("collector").warning("Confluent said: %s", words)

    (line,) = written()
    assert "Confluent said: no\\n2026-11-24" in line
    assert not set("\r\x1b\x85\u2028") & set(line)


def test_nobody_else_writes_lines_in_a_traceback(configure, written):
    configure(as_json=False)

    try:
        raise ValueError("no\n2026-11-24T12:00:00Z [info     ] All is well. [root]")
    except ValueError:
        logging.getLogger("collector").exception("It failed.")

    assert [line for line in written() if line.startswith("2026-11-24T12:00:00Z")] == []


def test_tracebacks_stay_readable(configure, written):
    configure(as_json=False)

    try:
        raise ValueError("a bad row")
    except ValueError:
        logging.getLogger("collector").exception("It failed.")

    lines = written()
    assert lines[-1] == "  ValueError: a bad row"
    assert len(lines) > 3
