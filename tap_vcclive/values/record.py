"""API values -> clean values of a record, by the schema alone, with nothing of them lost.

VCC Live's documentation and the clients seen disagree on types and on the case of names, so every
value is accepted in every form, under a name in any case: what fits its column is put there, and
the original of what does not is kept in `additional_fields`, unless the user hides its column.
Nothing else is dropped, and nothing leaves that a target refuses (NUL, lone surrogates, integers
beyond 64 bits, impossible timestamps).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.values.cleaning import clean, free_name
from tap_vcclive.values.columns import NoFitError
from tap_vcclive.values.declared import ADDITIONAL, Declared
from tap_vcclive.values.forms import Forms
from tap_vcclive.values.names import named, note
from tap_vcclive.values.timestamps import LocalTime, is_no_value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime, tzinfo

    from tap_vcclive.values.forms import TwinSource
    from tap_vcclive.values.zone_check import ZoneCheck

_FRACTION: Final = re.compile(":[0-9]{2}[.,]")


def _no_instant() -> None:
    return None


class Values:
    """Turns objects of the API into records of a schema.

    Attributes:
        undeclared: Names of the fields seen that the schema does not declare, 50 at most; what
            stands there can be anything, see `named`.
        misfits: Names of the fields seen with values that do not fit their column, 50 at most.
        withheld: Those of which the column is hidden.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        zone: tzinfo,
        zone_check: ZoneCheck | None = None,
        hidden: Collection[str] = (),
    ) -> None:
        """Prepare for a schema.

        Args:
            schema: See `Declared`.
            zone: Time zone of the call centre.
            zone_check: Checks the zone by some of the objects.
            hidden: Columns whose values must not be written as they are, nor elsewhere.
        """
        self._declared = Declared(schema)
        self._forms = Forms(self._declared)
        self._local_time = LocalTime(zone)
        self._zone_check = zone_check
        self._unlooked = 0
        self._hidden = frozenset(map(str.lower, hidden))
        self._twins = {twin.name for twin in self._declared.twins}
        self.undeclared: dict[str, None] = {}
        self.misfits: dict[str, None] = {}
        self.withheld: dict[str, None] = {}
        self._unread: dict[str, None] = {}

    def record(
        self, fields: Mapping[str, Any], instant: Callable[[], datetime | None] = _no_instant
    ) -> dict[str, Any]:
        """Return the complete record of an object of the API.

        Args:
            fields: The object as VCC Live sent it.
            instant: Tells the instant in UTC that the object carries in itself, as a call does in
                its uuid; it tells the two hours apart that the clocks repeat in autumn.
        """
        additional: dict[str, Any] = {}
        record, others, sources = self._forms.begun(fields)
        for name in others:
            column = sources.columns.get(name)
            if column is None or column == ADDITIONAL:
                self._keep(self.undeclared, name, fields[name], additional)
            elif fields[name] is None:
                continue
            elif column not in self._twins:
                self._put(column, name, fields[name], record, additional)
            elif all(name != source.sent for source in sources.twins):
                self._keep(self.undeclared, name, fields[name], additional)
        for source in sources.twins:
            record[source.twin.name] = self._instant_text(fields, source, instant, additional)
        if additional:
            record[ADDITIONAL] = additional
        if self._zone_check is not None:
            self._unlooked -= 1
            if self._unlooked < 0:
                self._unlooked = self._zone_check.take(fields, instant())
        return record

    def warnings(self) -> Iterator[str]:
        """Yield what a user should know of the values so far, a line each."""
        if self.misfits:
            yield (
                "In additional_fields, as they do not fit their columns: values of "
                f"{named(self.misfits)}"
            )
        if self.withheld:
            yield (
                "Not written, as stream_maps or the selection hide their columns, which they do "
                f"not fit: values of {named(self.withheld)}"
            )
        if self._unread:
            line = (
                "Kept as text only, as they do not fit their columns of time: values of "
                f"{', '.join(self._unread)}; their _utc could not be read and is null"
            )
            of_row = [twin.name for twin in self._declared.twins if twin.is_of_row]
            for name in of_row:
                line += f", but for {name}, which is the uuid's instant where it tells one"
            yield line
        if self._zone_check is not None and (zone_line := self._zone_check.line()):
            yield zone_line

    def _put(
        self,
        column: str,
        name: str,
        value: object,
        record: dict[str, Any],
        additional: dict[str, Any],
    ) -> None:
        """Put a value of any kind where it belongs."""
        try:
            read = self._declared.readers[column](value)
        except NoFitError:
            self._keep(self.misfits, name, value, additional)
            return
        if record[column] is None:
            record[column] = read
        # Of fields that differ in their case only, the same value once is enough.
        elif read is not None and read != record[column]:
            self._keep(self.undeclared, name, value, additional)

    def _instant_text(
        self,
        fields: Mapping[str, Any],
        source: TwinSource,
        instant: Callable[[], datetime | None],
        additional: dict[str, Any],
    ) -> str | None:
        """Return the UTC twin of a local timestamp, the API's own where it sends a good one."""
        twin, sent_name, local_name = source
        sent, shown = fields.get(sent_name), fields.get(local_name)
        if not is_no_value(sent):
            value = self._local_time.utc_text(sent)
            if value is None or _FRACTION.search(str(sent)):  # the twin has whole seconds only
                self._keep(self.misfits, sent_name, sent, additional)
            if value is not None:
                return value
        value = self._local_time.utc_text_of_local(shown, instant if twin.is_near else None)
        if value is not None or (shown is None and sent is None):
            return value
        if not is_no_value(shown):
            if local_name not in additional and local_name not in self.withheld:
                self._unread[twin.local] = None
        elif is_no_value(sent):
            return None
        start = instant() if twin.is_of_row else None
        return start.isoformat(timespec="seconds") if start else None

    def _keep(
        self, seen: dict[str, None], name: str, value: object, additional: dict[str, Any]
    ) -> None:
        """Put an original into the additional fields; there it must not undo what hides it."""
        is_hidden = name.lower() in self._hidden
        note(name, self.withheld if is_hidden else seen)
        if not is_hidden:
            additional[free_name(name, additional)] = clean(value)
