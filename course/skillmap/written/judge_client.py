"""One question to an OpenAI-compatible endpoint, for a server that may misbehave.

Nothing is followed, trusted or read without bound: no redirects (the key would go along), replies
up to a megabyte, every wait limited. The key is sent as a header and stands in no message, error
or file of ours.
"""

from __future__ import annotations

import json
import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skillmap.errors import EnvironmentLacksError, SkillMapError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

__all__ = ["Client", "JudgeDownError", "JudgeError", "Reply"]

MOST_BYTES = 1_000_000
LONGEST_WAIT = 60.0
_TRIES = 4
_DOWN_AFTER = 5
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class JudgeError(SkillMapError):
    """A call gave nothing usable; the answer goes to a person."""


class JudgeDownError(JudgeError):
    """The endpoint refuses or fails again and again; no more calls are made."""


class _TryAgainError(JudgeError):
    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True, slots=True)
class Reply:
    """The text of a reply and the tokens that the server says it counted, if it says so."""

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None


@dataclass
class Client:
    """Asks ``base_url``/chat/completions; safe to use from several threads.

    ``timeout`` is seconds for connecting, sending and each piece of the reply, ``patience`` for a
    whole call with its tries. ``sleep`` and ``clock`` are there for tests.
    """

    base_url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 60.0
    patience: float = 180.0
    temperature: float = 0.3
    sleep: Callable[[float], None] | None = None
    clock: Callable[[], float] | None = None
    _failures: int = 0
    _schema_refused: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def ask(self, messages: list[dict[str, str]], schema: dict[str, Any], most: int) -> Reply:
        """Return the reply to ``messages``; ``most`` tokens of it at most.

        Raises ``JudgeError`` if this call gave nothing usable, ``JudgeDownError`` if none will.
        """
        tenacity, http = _libraries()
        if self._failures >= _DOWN_AFTER:
            raise JudgeDownError(f"{self.base_url} failed {_DOWN_AFTER} times in a row.")
        by_time = tenacity.wait_random_exponential(multiplier=0.5, max=20)

        def wait(state: Any) -> float:
            error = state.outcome.exception()
            after = getattr(error, "after", None)
            return float(by_time(state) if after is None else after)

        more: dict[str, Any] = {} if self.sleep is None else {"sleep": self.sleep}
        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_TryAgainError),
            wait=wait,
            stop=tenacity.stop_after_attempt(_TRIES) | tenacity.stop_after_delay(self.patience),
            reraise=True,
            **more,
        )
        try:
            found: Reply = tries(self._once, http, messages, schema, most)
        except JudgeDownError:
            with self._lock:
                self._failures = _DOWN_AFTER
            raise
        except JudgeError:
            with self._lock:
                self._failures += 1
            raise
        with self._lock:
            self._failures = 0
        return found

    def _once(
        self, http: Any, messages: list[dict[str, str]], schema: dict[str, Any], most: int
    ) -> Reply:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "temperature": self.temperature,
            "max_tokens": most,
        }
        if not self._schema_refused:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "verdict", "strict": True, "schema": schema},
            }
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        url = f"{self.base_url.rstrip('/')}/chat/completions"
        try:
            with (
                http.Client(
                    timeout=self.timeout, follow_redirects=False, trust_env=False
                ) as client,
                client.stream("POST", url, json=body, headers=headers) as answer,
            ):
                return self._read(answer, body)
        except http.TimeoutException as error:
            raise _TryAgainError(f"No reply within {self.timeout:g} seconds.") from error
        except http.InvalidURL as error:
            raise JudgeDownError(f"{self.base_url!r} is not an address: {error}.") from error
        except http.HTTPError as error:
            raise _TryAgainError(f"The connection broke: {type(error).__name__}.") from error

    def _read(self, answer: httpx.Response, body: dict[str, Any]) -> Reply:
        data = bytearray()
        begun = self._now()
        for piece in answer.iter_bytes():
            data += piece
            if len(data) > MOST_BYTES:
                raise JudgeError(f"The reply is larger than {MOST_BYTES:,} bytes.")
            if self._now() - begun > self.patience:
                raise JudgeError(f"The reply was not over after {self.patience:g} seconds.")
        status = answer.status_code
        if status in {401, 403, 404}:
            raise JudgeDownError(
                f"The endpoint refuses (HTTP {status}). Look at its address, the model's name and "
                "the key in your environment."
            )
        if status == 400 and "response_format" in body:
            self._schema_refused = True
            raise _TryAgainError("The endpoint does not take a schema; asking without one.", 0.0)
        if status in _AGAIN:
            raise _TryAgainError(f"HTTP {status}.", _after(answer.headers.get("retry-after")))
        if status != 200:
            raise JudgeError(f"HTTP {status}; redirects are not followed.")
        return _reply(bytes(data))

    def _now(self) -> float:
        import time

        return (self.clock or time.monotonic)()


def _after(text: str | None) -> float | None:
    """Seconds that a server asks to wait, bounded; a date or nonsense is no number.

    >>> _after("7"), _after("86400"), _after("Wed, 21 Oct 2026 07:28:00 GMT"), _after(None)
    (7.0, 60.0, None, None)
    """
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else None


def _reply(data: bytes) -> Reply:
    try:
        raw = json.loads(data)
        text = raw["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise JudgeError(f"The reply is not a completion ({type(error).__name__}).") from error
    if not isinstance(text, str) or not text.strip():
        raise JudgeError("The reply is empty, or a refusal.")
    usage = raw.get("usage") if isinstance(raw.get("usage"), dict) else {}
    return Reply(text, _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(value: Any) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**7
    return value if good else None


def _libraries() -> tuple[Any, Any]:
    try:
        import httpx
        import tenacity
    except ImportError as error:
        raise EnvironmentLacksError(
            f"A language-model judge needs {error.name}: pip install 'ai-pm-skill-map[llm]'"
        ) from error
    return tenacity, httpx
