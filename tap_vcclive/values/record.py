"""API values -> clean values of a record: numbers, timestamps, text, additional fields.

VCC Live's documentation and the clients seen disagree on types, so every value is accepted in
every form: what fits its column is put there, and the original of what does not is kept in
`additional_fields`, unless the user hides its column. Nothing else is dropped, and nothing leaves
that a target refuses (NUL, lone surrogates, integers beyond 64 bits, impossible timestamps).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.calls.uuids import canonical_uuid, uuid_in
from tap_vcclive.values.cleaning import LEAST, MOST, SURROGATE, clean, free_name
from tap_vcclive.values.columns import DURATIONS, NoFitError, duration, integer, text
from tap_vcclive.values.forms import Form, form_of
from tap_vcclive.values.names import named, note
from tap_vcclive.values.timestamps import LocalTime, is_no_value
from tap_vcclive.values.zone_check import ZoneCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime, tzinfo

ADDITIONAL: Final = "additional_fields"

_FRACTION: Final = re.compile(":[0-9]{2}[.,]")
_UUID: Final = "uuid"
_START: Final = "start_ts"
# Values come and go from call to call, in some hundreds of ways; what has more fields than any call
# is not worth remembering, and a server that makes ever new ones must not fill the memory.
_MOST_FORMS: Final = 4096
_MOST_FIELDS: Final = 200
_LONGEST_NAMES: Final = 4000


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
            schema: JSON schema of the records, with a property `additional_fields`; a property
                `x_utc` of format date-time is the twin of the local timestamp `x`.
            zone: Time zone of the call centre.
            zone_check: Checks the zone by some of the objects; by default one of its own.
            hidden: Columns whose values must not be written as they are, nor elsewhere.
        """
        self._local_time = LocalTime(zone)
        self._empty: dict[str, Any] = dict.fromkeys(schema["properties"])
        self._forms: dict[tuple[tuple[str, ...], tuple[type, ...]], Form] = {}
        self._twins: dict[str, str] = {}
        self._kinds: dict[str, type[str | int]] = {}
        self._readers: dict[str, Callable[[object], str | int | None]] = {}
        self._zone_check = zone_check or ZoneCheck(zone)
        self._unlooked = 0
        self._hidden = frozenset(map(str.lower, hidden))
        for name, declared in schema["properties"].items():
            if declared.get("format") == "date-time":
                self._twins[name] = name.removesuffix("_utc")
            elif name != ADDITIONAL:
                is_number = "integer" in declared["type"]
                self._kinds[name] = int if is_number else str
                of_number = duration if name in DURATIONS else integer
                self._readers[name] = of_number if is_number else text
        self.undeclared: dict[str, None] = {}
        self.misfits: dict[str, None] = {}
        self.withheld: dict[str, None] = {}
        self._unread: dict[str, None] = {}

    def record(
        self, fields: Mapping[str, Any], instant: Callable[[], datetime | None]
    ) -> dict[str, Any]:
        """Return the complete record of an object of the API.

        Args:
            fields: The object as VCC Live sent it.
            instant: Tells the instant in UTC that the object's uuid carries, if it does; it tells
                the two hours apart that the clocks repeat in autumn.
        """
        record: dict[str, Any] = self._empty.copy()
        additional: dict[str, Any] = {}
        if not self._take_over(fields, record, additional):
            for name in fields:
                self._put(name, fields, record, additional)
        for twin, local in self._twins.items():
            record[twin] = self._instant_text(fields, twin, local, instant, additional)
        if additional:
            record[ADDITIONAL] = additional
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
            yield (
                "Kept as text only, as they do not fit their columns of time: values of "
                f"{', '.join(self._unread)}; their _utc could not be read and is null, but for "
                f"{_START}_utc, which is the uuid's instant where it tells one"
            )
        if line := self._zone_check.line():
            yield line

    def _take_over(
        self, fields: Mapping[str, Any], record: dict[str, Any], additional: dict[str, Any]
    ) -> bool:
        """Put all values where they belong at once; return False when they have to be looked at.

        Nearly all objects look alike, and their values are clean and of their kind: looking at each
        would take longer than all the rest.
        """
        if len(fields) > _MOST_FIELDS:
            return False
        form = (tuple(fields), tuple(map(type, fields.values())))
        known = self._forms.get(form)
        if known is None:
            if sum(map(len, fields)) > _LONGEST_NAMES:
                return False
            if len(self._forms) >= _MOST_FORMS:
                self._forms.clear()
            known = self._forms[form] = form_of(fields, self._kinds)
        if known.texts is None or known.numbers is None:
            return False
        text, numbers = "".join(known.texts(fields)), known.numbers(fields)
        if "\0" in text or not (text.isascii() or not SURROGATE.search(text)):
            return False
        if min(numbers) < LEAST or max(numbers) > MOST:
            return False
        record.update(fields)
        for name in known.others:
            if name in self._empty:
                record[name] = None
            else:
                del record[name]
            self._put(name, fields, record, additional)
        return True

    def _put(
        self,
        name: str,
        fields: Mapping[str, Any],
        record: dict[str, Any],
        additional: dict[str, Any],
    ) -> None:
        """Put a value of any kind where it belongs."""
        value = fields[name]
        reader = self._readers.get(name)
        if reader is None:
            if name in self._twins:
                return
            if name.lower() == _UUID and self._is_the_uuid(value, fields, additional):
                return
            self._keep(self.undeclared, name, value, additional)
        elif value is not None:
            try:
                record[name] = reader(value)
            except NoFitError:
                self._keep(self.misfits, name, value, additional)

    def _is_the_uuid(
        self, value: object, fields: Mapping[str, Any], additional: dict[str, Any]
    ) -> bool:
        """Return whether a field named `UUID` or so holds the object's uuid.

        The uuid of the record is set to it, so what stands in `uuid` instead of one is kept here.
        """
        uuid = uuid_in(fields)
        if uuid is None or canonical_uuid(value) != uuid:
            return False
        own = fields.get(_UUID)
        if not is_no_value(own) and canonical_uuid(own) != uuid and _UUID not in additional:
            self._keep(self.misfits, _UUID, own, additional)
        return True

    def _instant_text(
        self,
        fields: Mapping[str, Any],
        twin: str,
        local: str,
        instant: Callable[[], datetime | None],
        additional: dict[str, Any],
    ) -> str | None:
        """Return the UTC twin of a local timestamp, the API's own where it sends a good one."""
        sent = fields.get(twin)
        if not is_no_value(sent):
            value = self._local_time.utc_text(sent)
            if value is None or _FRACTION.search(str(sent)):  # the twin has whole seconds only
                self._keep(self.misfits, twin, sent, additional)
            if value is not None:
                return value
        # A call-back lies too far from the call for the uuid to tell its hour.
        near = None if local == "next_contact" else instant
        shown = fields.get(local)
        value = self._local_time.utc_text_of_local(shown, near)
        if value is None and (shown is not None or sent is not None):
            value = self._unread_text(shown, sent, local, instant, additional)
        return value

    def _unread_text(
        self,
        shown: object,
        sent: object,
        local: str,
        instant: Callable[[], datetime | None],
        additional: dict[str, Any],
    ) -> str | None:
        """Return the twin of what cannot be read: for a call's start, the instant of its uuid."""
        if not is_no_value(shown):
            if local not in additional and local not in self.withheld:
                self._unread[local] = None
        elif is_no_value(sent):
            return None
        start = instant() if local == _START else None
        return start.isoformat(timespec="seconds") if start else None

    def _keep(
        self, seen: dict[str, None], name: str, value: object, additional: dict[str, Any]
    ) -> None:
        """Put an original into the additional fields; there it must not undo what hides it."""
        is_hidden = name.lower() in self._hidden
        note(name, self.withheld if is_hidden else seen)
        if not is_hidden:
            additional[free_name(name, additional)] = clean(value)
