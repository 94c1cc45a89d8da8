"""What can be asked of a sandbox: its calls, its variants of the unknown, its faults.

The command line and the tests build the same `Options`; nothing here makes the sandbox more lenient
than the contract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vcclive_sandbox.fault_names import ALWAYS, FAULT_NAMES, FaultName, check_fault_names
from vcclive_sandbox.variants import Variants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ALWAYS", "FAULT_NAMES", "FaultName", "Faults", "Options", "Variants"]


@dataclass(frozen=True)
class Faults:
    """How often requests fail, and the details of failing.

    Attributes:
        rates: Share of requests, 0 to 1, for each fault; together at most 1.
        retry_after: Whether 429 and 503 name seconds or a date.
        retry_after_seconds: How far ahead they name.
        slow_seconds: How long a slow answer takes, and one that stalls is silent.
        outage_seconds: How long the port refuses connections, or shows another certificate.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    retry_after: Literal["seconds", "date"] = "seconds"
    retry_after_seconds: int = 1
    slow_seconds: float = 2.0
    outage_seconds: float = 2.0

    def __post_init__(self) -> None:
        """Refuse unknown faults and impossible rates."""
        check_fault_names(self.rates)
        if any(rate < 0 for rate in self.rates.values()) or sum(self.rates.values()) > 1:
            raise ValueError("rates of faults are shares of all requests, together at most 1")


@dataclass(frozen=True)
class Options:
    """Everything about one sandbox.

    Attributes:
        host: A loopback address.
        port: 0 for a free one.
        customer: User of the Basic authentication.
        api_key: Its password.
        first_day: First local day that has calls.
        days: How many days in a row have calls.
        calls_per_day: Calls of a day from Monday to Friday; weekends have fewer.
        seed: Other calls for another seed, the same calls for the same.
        timezone: IANA zone of the call centre.
        latency_ms: Time that every answer takes, milliseconds.
        late_rate: Share of calls that register late.
        late_seconds: Seconds from the sandbox's start until such a call can register.
        late_asks: How often such a call is asked for too early before it registers; by the first
            page of its day's log, too, which asks for all the calls of the day (and the project).
        never_rate: Share of calls that never register.
        growing: How many calls of the last day, those that start last, are not registered at first;
            each page of that day's log registers one more, after it was answered.
        hidden_rate: Share of calls that a log's totalCount counts but no page of it shows.
        page_cap: Most rows of one page of the log.
        states_capped: Whether that holds for pages of user states, too; else they have 100,000.
        forbidden: Regular expression of resources, with their query, that the key may not read.
        variants: Choices where the real API is not known.
        faults: Faults by chance.
        force: Faults by plan: the end of a path (such as a uuid), with or without options of its
            query, to the names of the faults that its requests meet one after the other. A name
            that ends in `*` stays.
        keep_alive_requests: How many requests a connection is kept for: when the next one arrives,
            the server closes it without a byte. None: it is kept for all of them.
        record: Whether the requests are kept for inspection.
        ca_file: Where the certificate of the CA is written that a client has to trust; the sandbox
            then serves https. None for http.
    """

    host: str = "127.0.0.1"
    port: int = 0
    customer: str = "sandbox"
    api_key: str = "sandbox-key"
    first_day: date = date(2026, 11, 16)
    days: int = 7
    calls_per_day: int = 100
    seed: int = 1
    timezone: str = "Europe/Budapest"
    latency_ms: float = 0.0
    late_rate: float = 0.0
    late_seconds: float = 0.0
    late_asks: int = 1
    never_rate: float = 0.0
    growing: int = 0
    hidden_rate: float = 0.0
    page_cap: int = 500
    states_capped: bool = False
    forbidden: str | None = None
    variants: Variants = field(default_factory=Variants)
    faults: Faults = field(default_factory=Faults)
    force: Mapping[str, Sequence[str]] = field(default_factory=dict)
    keep_alive_requests: int | None = None
    record: bool = True
    ca_file: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be served."""
        if self.host != "localhost" and not ip_address(self.host).is_loopback:
            raise ValueError("the sandbox serves loopback addresses only")
        if min(self.late_rate, self.never_rate) < 0 or self.late_rate + self.never_rate > 1:
            raise ValueError("late and never are shares of all calls, together at most 1")
        if not 0 <= self.hidden_rate <= 1:
            raise ValueError("hidden is a share of all calls, at most 1")
        if self.growing < 0:
            raise ValueError("growing is a number of calls")
        if self.keep_alive_requests is not None and self.keep_alive_requests < 1:
            raise ValueError("keep_alive_requests is a number of requests, at least 1")
        forced = {name.removesuffix(ALWAYS) for names in self.force.values() for name in names}
        check_fault_names(forced)
        if self.ca_file is None and "certificate" in {*self.faults.rates, *forced}:
            raise ValueError("the fault certificate needs https: give a ca_file")
        try:
            re.compile(self.forbidden or "")
            ZoneInfo(self.timezone)
        except re.error as error:
            raise ValueError(f"forbidden is no regular expression: {error}") from error
        except ZoneInfoNotFoundError as error:
            raise ValueError(f"no such time zone: {self.timezone}") from error
