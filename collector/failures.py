"""What can go wrong with a collection: of which kind it is, and whether trying again can help."""

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, OperationalError

from collector.client import ConfluentError, CredentialsRefused, OrganizationUnclear, Unreachable
from collector.models import CollectionRun

Failure = CollectionRun.Failure


class CredentialsMissing(Exception):
    """CONFLUENT_API_KEY or CONFLUENT_API_SECRET is not set."""

    def __str__(self) -> str:
        return (
            "CONFLUENT_API_KEY and CONFLUENT_API_SECRET are not both set. Put a Cloud API key "
            "of a BillingAdmin or OrganizationAdmin into .env; `make demo` needs none."
        )


# A server that is down or restarting, ours or theirs. Nothing else gets better by itself.
MAY_PASS = (Unreachable, OperationalError, InterfaceError)

_KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Failure], ...] = (
    (CredentialsRefused, Failure.CREDENTIALS),
    ((CredentialsMissing, OrganizationUnclear), Failure.SETTINGS),
    (Unreachable, Failure.UNREACHABLE),
    (ConfluentError, Failure.REFUSED),
    ((DatabaseError, InterfaceError), Failure.DATABASE),
    (SoftTimeLimitExceeded, Failure.TIME_LIMIT),
)


def kind_of(error: BaseException) -> Failure:
    return next((kind for known, kind in _KINDS if isinstance(error, known)), Failure.OTHER)


def in_words(error: BaseException) -> str:
    """The error as the run keeps it, for the operator."""
    match error:
        case KeyboardInterrupt():
            return "Interrupted by the operator; every stored day is whole."
        case SoftTimeLimitExceeded():
            return "Its time was over; every stored day is whole."
    # PostgreSQL's text cannot hold NUL, which somebody else's words may.
    return (str(error) or type(error).__name__).replace("\x00", "\ufffd")
