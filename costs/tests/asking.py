"""Ask the API as a program does, and read what it says."""

from urllib.parse import urlencode

from costs.tests.billed import EVERY_DAY


def ask(client, route, *pairs, headers=None, **said):
    """GET /api/v1/<route>; pairs for repeated parameters."""
    query = urlencode([*pairs, *said.items()])
    return client.get(f"/api/v1/{route}?{query}", headers=headers or {})


def rows(client, *columns, route="costs", **said):
    """The columns of every row, of the whole bill of `billed` if no days are said."""
    days = {} if said.keys() & {"start_date", "period"} else EVERY_DAY
    answer = ask(client, route, **days, **said)
    assert answer.status_code == 200, answer.content
    return [tuple(row[column] for column in columns) for row in answer.json()["data"]]


def refusals(answer):
    """The parameters that were refused, each with the reason and what is allowed."""
    assert answer.status_code == 400, answer.content
    return {
        error["parameter"]: (error["message"], error["allowed"])
        for error in answer.json()["errors"]
    }
