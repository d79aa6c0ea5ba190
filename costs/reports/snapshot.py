"""One moment of the database for a whole answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# Longer, and whoever asked has gone; a narrower question or CSV is what helps.
LONGEST_STATEMENT = "60s"
# A year of a large bill is grouped in memory; to compile a statement takes longer than to run it.
MEMORY = "64MB"
# Whoever reads a file slower than this between two batches of rows is cut off: an old snapshot
# keeps the database from tidying up.
LONGEST_PAUSE = "5min"


@contextmanager
def snapshot(*, makes_tables: bool = False) -> Iterator[None]:
    """Let the statements inside see one moment, whatever is collected or allocated meanwhile.

    They may only read; makes_tables: but for temporary tables of the session.

    Inside a transaction that is already open its own isolation stays. A statement that takes
    longer than LONGEST_STATEMENT raises OperationalError (query canceled).
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            access = "READ WRITE" if makes_tables else "READ ONLY"
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, {access}")
            cursor.execute(
                f"SET LOCAL statement_timeout = '{LONGEST_STATEMENT}'; "
                f"SET LOCAL work_mem = '{MEMORY}'; SET LOCAL jit = off"
            )
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_PAUSE}'")
        yield


def limit_statements(seconds: float) -> None:
    """Let no further statement of this transaction take longer; raises TimeoutError for none."""
    if seconds <= 0:
        raise TimeoutError("The time for all statements together is over.")
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{int(seconds * 1000) + 1}ms'")
