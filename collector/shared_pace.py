"""One allowance for all workers that use a key: what Confluent's answers say, kept in Redis.

The headers say how many requests are left until when. A worker counts its request in before it
asks, so that all together ask no more than one alone would. After a 429 everybody waits as long as
it said; then one asks alone, and when it was answered, the others go on.

Times are Redis' own. A worker that dies leaves nothing behind that outlasts the longest request.
"""

import hashlib
import logging
import uuid

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from collector.pacing import Allowance

logger = logging.getLogger(__name__)

# Longer than the client waits for an answer.
REQUEST_EXPIRES_MS = 150_000
# How soon to look again while others' answers are awaited.
LOOK_AGAIN_MS = 50
# The reset is told in whole seconds, so that two answers of one window may differ by one.
SAME_WINDOW_MS = 1_500
STATE_EXPIRES_MS = 24 * 3_600_000
SECONDS_FOR_REDIS = 2.0
# A date in Retry-After is told by another clock than ours.
LONGEST_REFUSAL = 3_600.0  # seconds

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- What was written later than now was written by a clock that was ahead.
if now < tonumber(redis.call('HGET', KEYS[1], 'at') or 0) then
    redis.call('DEL', KEYS[1], KEYS[2])
end
redis.call('HSET', KEYS[1], 'at', now)
redis.call('PEXPIRE', KEYS[1], STATE_EXPIRES_MS)
""".replace("STATE_EXPIRES_MS", str(STATE_EXPIRES_MS))
# Redis runs a script as one step. KEYS: the state, the requests under way by when they expire.
# Returns the milliseconds to wait; 0: the request ARGV[1] is counted in.
_TAKE = f"""
{_NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local under_way = redis.call('ZCARD', KEYS[2])
local state = redis.call('HMGET', KEYS[1], 'blocked_until', 'alone', 'left', 'reset_at', 'limit')
local blocked_until = tonumber(state[1] or 0)
if now < blocked_until then return blocked_until - now end
if state[2] == '1' and under_way > 0 then return {LOOK_AGAIN_MS} end
if state[3] then
    local left, reset_at = tonumber(state[3]), tonumber(state[4])
    -- Of a new window no answer has told yet; it begins with what the last one did.
    if now >= reset_at then left = math.max(tonumber(state[5] or 1), 1) end
    if left <= under_way then
        if under_way > 0 then return {LOOK_AGAIN_MS} end
        return math.max(reset_at - now, {LOOK_AGAIN_MS})
    end
end
redis.call('ZADD', KEYS[2], now + {REQUEST_EXPIRES_MS}, ARGV[1])
redis.call('PEXPIRE', KEYS[2], {REQUEST_EXPIRES_MS})
return 0
"""
# ARGV: the request, whether it was answered, then limit, remaining, and milliseconds to the reset
# and of the refusal, each empty where nothing was said.
_LEARN = f"""
{_NOW}
redis.call('ZREM', KEYS[2], ARGV[1])
local state = redis.call('HMGET', KEYS[1], 'blocked_until', 'left', 'reset_at')
local old_left, old_reset = tonumber(state[2] or 0), tonumber(state[3] or 0)
if ARGV[2] == '0' then
    if state[2] then redis.call('HSET', KEYS[1], 'left', old_left - 1) end
    return
end
if ARGV[6] == '' then
    -- An answer that was under way when all were told to wait says nothing of what comes then.
    if now >= tonumber(state[1] or 0) then redis.call('HSET', KEYS[1], 'alone', '0') end
else
    local blocked_until = math.max(tonumber(state[1] or 0), now + tonumber(ARGV[6]))
    redis.call('HSET', KEYS[1], 'alone', '1', 'blocked_until', blocked_until)
end
if ARGV[4] ~= '' and ARGV[5] ~= '' then
    local left, reset_at = tonumber(ARGV[4]), now + tonumber(ARGV[5])
    if now < old_reset and reset_at <= old_reset + {SAME_WINDOW_MS} then
        -- Answers may overtake each other: the smaller number is the newer one.
        left, reset_at = math.min(left, old_left), math.min(reset_at, old_reset)
    end
    redis.call('HSET', KEYS[1], 'left', left, 'reset_at', reset_at)
    if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'limit', ARGV[3]) end
end
"""


def impatient_redis(url: str) -> redis.Redis:
    """Redis for who can do without it: a broken connection is made anew once, then it is down."""
    return redis.Redis.from_url(
        url,
        socket_timeout=SECONDS_FOR_REDIS,
        socket_connect_timeout=SECONDS_FOR_REDIS,
        retry=Retry(NoBackoff(), 1),
    )


class SharedPace:
    """The pace of one worker among those that use the same key at the same address.

    Without Redis it keeps nobody waiting: each then hears from Confluent itself.
    """

    def __init__(self, redis_url: str, *, base_url: str, api_key: str) -> None:
        self._redis = impatient_redis(redis_url)
        # The key itself is for Confluent only.
        name = hashlib.sha256(f"{base_url}\n{api_key}".encode()).hexdigest()[:24]
        self._keys = [f"confluent_pace:{{{name}}}:{part}" for part in ("state", "under_way")]
        self._request = ""

    def wait_seconds(self) -> float:
        """Raises nothing: Redis down is no reason not to collect."""
        self._request = uuid.uuid4().hex
        return float(self._run(_TAKE, self._request) or 0) / 1000

    def learn(self, allowance: Allowance | None) -> None:
        told = allowance or Allowance()
        self._run(
            _LEARN,
            self._request,
            "0" if allowance is None else "1",
            _text(told.limit),
            _text(told.remaining),
            _milliseconds(told.reset_seconds),
            _milliseconds(told.refused_for and min(told.refused_for, LONGEST_REFUSAL)),
        )

    def _run(self, script: str, *arguments: str) -> int | None:
        try:
            answer = self._redis.eval(script, len(self._keys), *self._keys, *arguments)
        except redis.RedisError as error:
            logger.warning("Redis does not answer; the pace is not shared: %s", error)
            return None
        return answer if isinstance(answer, int) else None


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else str(int(seconds * 1000))
