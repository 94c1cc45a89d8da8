"""The answers of the benchmark's server: CDRs of the sandbox, encoded beforehand.

A few hundred invented calls are taken from the sandbox once; what is filled in for each request is
the uuid and the timestamps, which follow from the uuid. With the same timestamps in every answer,
a contender that remembers what it has worked out would look faster than it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from benchmarks.calls import ZONE, seconds_of
from vcclive_sandbox.answers import one_call
from vcclive_sandbox.calls import Calls
from vcclive_sandbox.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from vcclive_sandbox.cdr import Value

_SAMPLES: Final = 256
_SECONDS_UNTIL_BILLING: Final = 9
_MINUTE: Final = 60
_FILLED: Final = ("uuid", "start_ts", "billing_ts", "billing_ts_utc")
_ENVELOPE: Final = b'{"response":%b,"errors":[]}'
_SECONDS: Final = tuple(f"{second:02}".encode() for second in range(_MINUTE))


class Answers:
    """Makes the bodies of answers, a few microseconds for each call."""

    def __init__(self) -> None:
        """Invent the calls and encode them."""
        options = Options(days=1, calls_per_day=_SAMPLES)
        calls = Calls(options)
        cdrs = [calls[position % len(calls)].cdr() for position in range(_SAMPLES)]
        self._templates = [_template(cdr, options) for cdr in cdrs]
        # A day's minutes, in local time and in UTC; they recur for all calls of a minute.
        self._minutes: dict[int, tuple[bytes, bytes]] = {}

    def body(self, uuid: str) -> bytes:
        """Return the body of the answer to a call of the benchmark's lists."""
        return _ENVELOPE % self._cdr(uuid)

    def page(self, uuids: Iterable[str], total: int) -> bytes:
        """Return the body of the answer that holds a page of the log.

        Args:
            uuids: The calls of the page.
            total: How many calls there are with those of the other pages.
        """
        rows = b",".join(map(self._cdr, uuids))
        return _ENVELOPE % (b'{"rows":[%b],"totalCount":%d}' % (rows, total))

    def _cdr(self, uuid: str) -> bytes:
        start = seconds_of(uuid)
        billing = start + _SECONDS_UNTIL_BILLING
        local, _ = self._timestamps(start)
        billing_local, billing_utc = self._timestamps(billing)
        return self._templates[int(uuid[-4:], 16) % _SAMPLES] % {
            b"uuid": uuid.encode(),
            b"start_ts": local,
            b"billing_ts": billing_local,
            b"billing_ts_utc": billing_utc,
        }

    def _timestamps(self, instant: int) -> tuple[bytes, bytes]:
        minute, second = divmod(instant, _MINUTE)
        texts = self._minutes.get(minute)
        if texts is None:
            if len(self._minutes) > 24 * _MINUTE:
                self._minutes.clear()
            texts = self._minutes[minute] = (_minute(minute, ZONE), _minute(minute, UTC))
        return texts[0] + _SECONDS[second], texts[1] + _SECONDS[second]


def _minute(minute: int, zone: tzinfo) -> bytes:
    return datetime.fromtimestamp(minute * _MINUTE, zone).strftime("%Y-%m-%d %H:%M:").encode()


def _template(cdr: Mapping[str, Value], options: Options) -> bytes:
    """Return a CDR of the sandbox as a format string with names for what is filled in."""
    marks = {name: f"\N{BULLET}{name}" for name in _FILLED if cdr[name] is not None}
    before, _, after = _ENVELOPE.partition(b"%b")
    body = bytes(one_call({**cdr, **marks}, options.variants).body).replace(b"%", b"%%")
    body = body.removeprefix(before).removesuffix(after)
    for name, mark in marks.items():
        body = body.replace(f'"{mark}"'.encode(), f'"%({name})s"'.encode())
    return body
