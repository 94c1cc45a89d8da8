"""How much each measurement does; tests do less."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """How much each measurement does.

    Attributes:
        repeats: How often what is short is measured; the median counts.
        latency: Seconds that an answer takes where the network is the bound.
        concurrency: Requests in flight, where they do not vary.
        latency_calls: Calls where latency is the bound.
        cpu_calls: Calls where the processor is the bound.
        plain_calls: Calls of the plain SDK tap at an answer at once, which is quadratic.
        plain_latency_calls: Its calls where latency is the bound; they go one by one.
        few, some, many: Calls of the tap for its growth, from `few` to `many`.
        listed: Calls of the list that is loaded already.
        answers: Answers at hand where records alone are measured.
        in_flight: The numbers of requests in flight to compare.
        in_flight_calls: Calls for each of them.
        paces: Bounds on requests a minute, each with its number of calls.
        ceiling_requests: Requests to find out what the server can do.
        log_days: Days of the call log.
        log_calls_per_day: Calls of each of them.
        log_latency: Seconds that a page of the log takes.
        log_concurrency: Pages of the log in flight.
    """

    repeats: int = 3
    latency: float = 0.05
    concurrency: int = 16
    latency_calls: int = 5_000
    cpu_calls: int = 8_000
    plain_calls: tuple[int, ...] = (1_000, 2_000, 4_000, 8_000)
    plain_latency_calls: int = 100
    few: int = 2_000
    some: int = 20_000
    many: int = 200_000
    listed: int = 1_000_000
    answers: int = 30_000
    in_flight: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    in_flight_calls: int = 320
    paces: tuple[tuple[int, int], ...] = ((600, 120), (6_000, 1_000))
    ceiling_requests: int = 50_000
    log_days: int = 20
    log_calls_per_day: int = 5_000
    log_latency: float = 0.02
    log_concurrency: int = 8
