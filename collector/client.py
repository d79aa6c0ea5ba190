"""Confluent's REST API as iterators of pages. Knows HTTP and nothing of the portal.

A request is repeated only when repeating can help: the connection failed, the body was cut or is
not JSON, the server is overloaded (429, 5xx), or it claims that a day in range is "too far in the
past" (seen under load). What cannot pass is raised at once as a ConfluentError.
"""

import base64
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import requests

from collector.bodies import Row, Shape, as_map, as_page, decoded
from collector.pacing import Allowance, Pace, Unpaced, allowance_of, retry_after

logger = logging.getLogger(__name__)

COSTS_PAGE_SIZE = 10_000
LIST_PAGE_SIZE = 100
CONNECT_TIMEOUT, READ_TIMEOUT = 10, 120  # seconds
FIRST_BACKOFF, LONGEST_BACKOFF, SHORTEST_WAIT = 1.0, 60.0, 0.5  # seconds
ROLE_HINT = (
    "The API key's owner needs the role BillingAdmin or OrganizationAdmin "
    "(a Cloud API key, not one of a cluster)."
)


class ConfluentError(Exception):
    """A request that did not succeed. `str()` is a sentence for the operator.

    status is None when no answer came; code, detail and request_id are Confluent's own words.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        detail: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id

    def add_hint(self, hint: str) -> None:
        """Add what the operator can do about it."""
        self.args = (f"{self.args[0]} {hint}",)

    def __str__(self) -> str:
        named = f" (X-Request-Id {self.request_id})" if self.request_id else ""
        return f"{super().__str__()}{named}"


class OrganizationUnclear(ConfluentError):
    """The key and CONFLUENT_ORGANIZATION_ID do not say together whose bill it is."""


class CredentialsRefused(ConfluentError):
    """401 or 403: asking again does not help."""


class Unreachable(ConfluentError):
    """Every retry within the allowed wait failed."""


class _Transient(Exception):
    """One failed try that may pass; `wait` is what the server asked for, in seconds."""

    def __init__(self, error: ConfluentError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


@dataclass(slots=True)
class Traffic:
    """What the client has asked for."""

    pages: int = 0
    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    waited_seconds: float = 0.0


@dataclass
class ConfluentClient:
    """One API key of one organization. Not for use by several threads at once.

    max_wait bounds the seconds that one request may spend waiting between its tries, and those
    that Confluent, by the answers to others, asks all to wait.
    """

    base_url: str
    api_key: str
    api_secret: str = field(repr=False)
    user_agent: str = "confluent-billing-portal"
    max_wait: float = 600.0
    sleep: Callable[[float], None] = time.sleep
    pace: Pace = field(default_factory=Unpaced)
    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    traffic: Traffic = field(default_factory=Traffic)

    def __post_init__(self) -> None:
        self.base_url = self.base_url.rstrip("/")
        self._session = requests.Session()
        credentials = f"{self.api_key}:{self.api_secret}".encode()
        self._session.headers.update(
            {
                "Authorization": f"Basic {base64.b64encode(credentials).decode()}",
                "User-Agent": self.user_agent,
                "Accept": "application/json",
            }
        )
        # A ~/.netrc must not replace the key that the operator configured.
        self._session.auth = lambda request: request

    def take_traffic(self) -> Traffic:
        """What was asked since the last call."""
        taken, self.traffic = self.traffic, Traffic()
        return taken

    def close(self) -> None:
        self._session.close()

    def costs(self, start: date, end: date) -> Iterator[list[Row]]:
        """Pages of billed rows of the UTC days [start, end): at most one month, one year back.

        https://docs.confluent.io/cloud/current/api.html#tag/Costs-(billingv1)
        """
        params = {
            "start_date": start.isoformat(),
            "end_date": end.isoformat(),
            "page_size": str(COSTS_PAGE_SIZE),
        }
        return self._pages("/billing/v1/costs", params)

    def organizations(self) -> Iterator[list[Row]]:
        """https://docs.confluent.io/cloud/current/api.html#tag/Organizations-(orgv2)"""
        return self._list("/org/v2/organizations")

    def environments(self) -> Iterator[list[Row]]:
        """https://docs.confluent.io/cloud/current/api.html#tag/Environments-(orgv2)"""
        return self._list("/org/v2/environments")

    def kafka_clusters(self, environment: str) -> Iterator[list[Row]]:
        """https://docs.confluent.io/cloud/current/api.html#tag/Clusters-(cmkv2)"""
        return self._list("/cmk/v2/clusters", environment=environment)

    def ksqldb_clusters(self, environment: str) -> Iterator[list[Row]]:
        """https://docs.confluent.io/cloud/current/api.html#tag/Clusters-(ksqldbcmv2)"""
        return self._list("/ksqldbcm/v2/clusters", environment=environment)

    def compute_pools(self, environment: str) -> Iterator[list[Row]]:
        """https://docs.confluent.io/cloud/current/api.html#tag/Compute-Pools-(fcpmv2)"""
        return self._list("/fcpm/v2/compute-pools", environment=environment)

    def schema_registries(self, environment: str) -> Iterator[list[Row]]:
        """https://docs.confluent.io/cloud/current/api.html#tag/Clusters-(srcmv3)"""
        return self._list("/srcm/v3/clusters", environment=environment)

    def service_accounts(self) -> Iterator[list[Row]]:
        """https://docs.confluent.io/cloud/current/api.html#tag/Service-Accounts-(iamv2)"""
        return self._list("/iam/v2/service-accounts")

    def users(self) -> Iterator[list[Row]]:
        """https://docs.confluent.io/cloud/current/api.html#tag/Users-(iamv2)"""
        return self._list("/iam/v2/users")

    def connectors(self, environment: str, cluster: str) -> Row:
        """Name -> {id, info, status} of the connectors of a Kafka cluster; this list has no pages.

        https://docs.confluent.io/cloud/current/api.html#tag/Connectors-(connectv1)
        """
        place = f"environments/{quote(environment, '')}/clusters/{quote(cluster, '')}"
        asked = {"expand": "info,status,id"}
        found = self._get(f"/connect/v1/{place}/connectors", asked, as_map)
        self.traffic.pages += 1
        return found

    def _list(self, path: str, **params: str) -> Iterator[list[Row]]:
        return self._pages(path, {**params, "page_size": str(LIST_PAGE_SIZE)})

    def _pages(self, path: str, params: Mapping[str, str]) -> Iterator[list[Row]]:
        """Follow metadata.next by its token only: the key never goes to an address they name."""
        tokens: set[str] = set()
        token = ""
        while True:
            asked = {**params, "page_token": token} if token else params
            page = self._get(path, asked, as_page)
            self.traffic.pages += 1
            yield page.get("data") or []
            token = _next_token(page)
            if not token:
                return
            if token in tokens:
                raise ConfluentError(
                    f"{path}: the same page was offered twice; its paging loops.", status=200
                )
            tokens.add(token)

    def _get(self, path: str, params: Mapping[str, str], shape: Shape) -> Row:
        waited, tries = 0.0, 0
        while True:
            try:
                return self._try(path, params, shape)
            except _Transient as failure:
                tries += 1
                # "At once" is no wait at all: asking like that would hardly come to an end.
                asked = failure.wait or 0.0
                wait = asked if asked >= SHORTEST_WAIT else self._backoff(tries)
                if waited + wait > self.max_wait:
                    raise Unreachable(
                        f"{failure.error.args[0]} Gave up after {tries} tries and "
                        f"{waited:.0f} s of waiting; nothing of this answer was stored.",
                        status=failure.error.status,
                        code=failure.error.code,
                        detail=failure.error.detail,
                        request_id=failure.error.request_id,
                    ) from failure
                logger.warning("%s Trying again in %.1f s.", failure, wait)
                self.traffic.retries += 1
                self.traffic.waited_seconds += wait
                waited += wait
                self.sleep(wait)

    def _backoff(self, tries: int) -> float:
        """Doubling, with jitter so that several collectors do not come back together."""
        longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(tries - 1, 10))
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 (not a secret)
        return float(longest * jitter)

    def _await_turn(self, path: str) -> None:
        waited = 0.0
        while wait := self.pace.wait_seconds():
            if waited + wait > self.max_wait:
                raise Unreachable(
                    f"{path}: Confluent's limit for this key left no turn: {waited:.0f} s were "
                    f"waited, {wait:.0f} s more are asked for, {self.max_wait:.0f} s allowed."
                )
            waited += wait
            self.traffic.waited_seconds += wait
            self.sleep(wait)

    def _try(self, path: str, params: Mapping[str, str], shape: Shape) -> Row:
        self._await_turn(path)
        self.traffic.requests += 1
        allowance: Allowance | None = None
        try:
            response = self._ask(path, params)
            allowance = allowance_of(response)
        finally:
            self.pace.learn(allowance)
        if response.status_code == requests.codes.ok:
            return self._body(path, response, shape)
        if response.status_code == requests.codes.too_many_requests:
            self.traffic.rate_limited += 1
        raise self._refusal(path, params, response)

    def _ask(self, path: str, params: Mapping[str, str]) -> requests.Response:
        try:
            response = self._session.get(
                self.base_url + path,
                params=params,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise ConfluentError(
                f"{path}: the server's certificate was not accepted: {_cause(error)}."
            ) from error
        except requests.RequestException as error:
            said = f"{self.base_url}{path}: {_cause(error)}."
            raise _Transient(ConfluentError(said)) from error
        logger.debug("GET %s %s -> %s", path, dict(params), response.status_code)
        return response

    def _body(self, path: str, response: requests.Response, shape: Shape) -> Row:
        try:
            body = shape(decoded(response.content))
        except (ValueError, RecursionError) as error:  # UnicodeDecodeError is no DecodeError
            raise _Transient(_error(f"{path}: the answer is not JSON.", response)) from error
        if body is None:
            raise _Transient(_error(f"{path}: the answer is not a list of objects.", response))
        return body

    def _refusal(
        self, path: str, params: Mapping[str, str], response: requests.Response
    ) -> Exception:
        """The exception that an answer other than 200 stands for."""
        status = response.status_code
        error = _error(f"{path}: Confluent answered {status}.", response)
        if status in (401, 403):
            return CredentialsRefused(
                f"{path}: Confluent refused the API key ({status}). {ROLE_HINT}",
                status=status,
                code=error.code,
                detail=error.detail,
                request_id=error.request_id,
            )
        if status == requests.codes.too_many_requests:
            return _Transient(error, retry_after(response, also_rate_limit=True))
        if status >= 500:
            return _Transient(error, retry_after(response))
        if status == requests.codes.bad_request and self._is_wrongly_too_old(params, error):
            return _Transient(error)
        return error

    def _is_wrongly_too_old(self, params: Mapping[str, str], error: ConfluentError) -> bool:
        if "too far in the past" not in error.detail or "start_date" not in params:
            return False
        return date.fromisoformat(params["start_date"]) >= oldest_day(self.today())


def oldest_day(today: date) -> date:
    """The first day that the Costs API still answers for: one year back."""
    return today - timedelta(days=365)


def _next_token(page: Row) -> str:
    metadata = page.get("metadata")
    following = metadata.get("next") if isinstance(metadata, dict) else None
    if not following:
        return ""
    try:
        token = parse_qs(urlsplit(str(following)).query).get("page_token", [""])[0]
    except ValueError:  # no URL at all
        token = ""
    if not token:
        raise ConfluentError(
            "metadata.next names no page_token; the next page cannot be asked.", status=200
        )
    return token


def _error(message: str, response: requests.Response) -> ConfluentError:
    code, detail = "", ""
    try:
        first = response.json()["errors"][0]
        code, detail = str(first.get("code") or ""), str(first.get("detail") or "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        detail = ""  # not their error document: the status has to do
    return ConfluentError(
        f"{message} {detail}".strip(),
        status=response.status_code,
        code=code,
        detail=detail,
        request_id=response.headers.get("X-Request-Id", ""),
    )


def _cause(error: BaseException) -> str:
    """The innermost reason in words, without the addresses that requests puts around it."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    name, words = type(error).__name__, str(error)
    return words if words.startswith(name) else f"{name}: {words}".removesuffix(": ")
