"""Objects that look alike are turned into records at once, and come out as if one by one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.api.answers import response_in
from tap_vcclive.values.declared import Declared
from tap_vcclive.values.forms import Forms
from tap_vcclive.values.record import Values
from tests.documented import INSTANT
from tests.soak import FACTOR
from tests.values.answers import Cdr, Sent, body_of, cdrs, sent_object, values
from tests.values.schema import SCHEMA

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping

BUDAPEST = ZoneInfo("Europe/Budapest")


class OneByOne(Forms):
    """Looks at each value, as if no two objects looked alike."""

    @override
    def _form_of(self, fields: Mapping[str, Any]) -> None:
        return None


def one_by_one() -> Values:
    """Return what makes records one value at a time."""
    values = Values(SCHEMA, BUDAPEST)
    values._forms = OneByOne(Declared(SCHEMA))  # noqa: SLF001 - the two ways are to be compared
    return values


def fields_of(cdr: Cdr) -> dict[str, Any]:
    """Return the fields of a CDR as the tap reads them."""
    fields: dict[str, Any] = response_in(body_of(sent_object(cdr)), "/cdr")
    return fields


def alike(cdr: Cdr) -> st.SearchStrategy[list[Cdr]]:
    """Draw several CDRs with the names of one, and nearly its values."""
    if not cdr:
        return st.just([cdr])
    other = st.tuples(st.sampled_from(sorted(cdr)), values)
    return st.lists(other, max_size=4).map(lambda others: _changed(cdr, others))


def _changed(cdr: Cdr, others: list[tuple[str, Sent]]) -> list[Cdr]:
    """Return a CDR, and others of which each differs from it in one value, and it once more."""
    return [cdr, *({**cdr, name: value} for name, value in others), cdr]


@given(st.lists(cdrs.flatmap(alike), min_size=1, max_size=3))
@settings(max_examples=80 * FACTOR, deadline=None)
def test_what_came_before_changes_no_record(families: list[list[Cdr]]) -> None:
    at_once = Values(SCHEMA, BUDAPEST)
    # One of each family in turn, and so each form again after others.
    turns = [cdr for turn in zip(*families, strict=False) for cdr in turn]
    for cdr in [*(cdr for family in families for cdr in family), *turns]:
        fields = fields_of(cdr)
        slow = one_by_one()
        expected = slow.record(fields, lambda: INSTANT)
        before = repr(fields)
        # Their order and their types, too: True is not 1 in JSON.
        assert repr(at_once.record(fields, lambda: INSTANT)) == repr(expected)
        assert repr(fields) == before
        assert slow.undeclared.keys() <= at_once.undeclared.keys()
        assert slow.misfits.keys() <= at_once.misfits.keys()
