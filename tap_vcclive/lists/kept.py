"""Answers that several streams need, asked for once a run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.api.errors import ForbiddenError, NoAnswerError, VCCLiveError, bare

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_vcclive.api.client import Client

# About so many bytes they may take once they are parsed; what is beyond is asked for again.
_MOST_BYTES: Final = 24 * 1024 * 1024


class KeptAnswers:
    """Answers that several streams need.

    Only those of resources that are worth keeping: what one stream alone asks for would take room
    for nothing.
    """

    def __init__(self, worth_keeping: Callable[[str], bool]) -> None:
        """Begin with none.

        Args:
            worth_keeping: Tells whether several streams need a resource.
        """
        self._is_worth_keeping = worth_keeping
        self._answers: dict[str, Any] = {}
        self._refusals: dict[str, VCCLiveError] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, resource: str, client: Client, admit: Callable[[int], None] | None = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return VCC Live's answer for a resource, that of another stream if there was one.

        Args:
            resource: Path below the address of the API.
            client: Asks VCC Live.
            admit: See `Client.get`.

        Raises:
            VCCLiveError: See `Client.get`; a plain "no" is kept as well.
        """
        if not self._is_worth_keeping(resource):
            return client.get(resource, admit)
        if resource in self._answers:
            return self._answers[resource]
        if resource in self._refusals:
            raise bare(self._refusals[resource])
        weight = 0

        def weigh(of_answer: int) -> None:
            nonlocal weight
            weight = of_answer
            if admit is not None:
                admit(of_answer)

        try:
            response = client.get(resource, weigh)
        except (ForbiddenError, NoAnswerError) as refusal:
            self._refusals[resource] = refusal
            raise
        with self._lock:
            # What is empty may be asked for again, as nobody believes that at once.
            if response and self._bytes + weight <= _MOST_BYTES:
                self._bytes += weight
                self._answers[resource] = response
        return response
