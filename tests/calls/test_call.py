"""A call of a list: its uuid, instant and month, and what is said of entries that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tap_vcclive.calls.call import BadCallError, Call, call_from, call_of, neighbours_of
from tap_vcclive.calls.uuids import canonical_uuid, instant_of, uuid_in

if TYPE_CHECKING:
    from datetime import tzinfo

BUDAPEST = ZoneInfo("Europe/Budapest")
DOCUMENTED = "95bd5f46-44e0-11e5-a6da-6547f8762750"
VERSION_4 = "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e"
PHONE = "36301234567"
GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)

ZONES = [
    "Europe/Budapest",
    "America/Argentina/Buenos_Aires",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Marquesas",
    "UTC",
]
# VCC Live is younger than this, and so are today's zones.
instants = st.datetimes(
    min_value=datetime(1975, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    max_value=datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
zones = st.sampled_from(ZONES).map(ZoneInfo)


def uuid_at(instant: datetime, node: int = 0x6547F8762750) -> str:
    """Return a version-1 uuid of an instant, by the arithmetic of RFC 9562."""
    ticks = (instant - GREGORIAN) // MICROSECOND * 10
    time_low, time_mid, time_hi = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48
    return str(UUID(fields=(time_low, time_mid, time_hi | 0x1000, 0xA6, 0xDA, node)))


def month_of(uuid: str, zone: tzinfo) -> tuple[str, str]:
    """Return year and month that a uuid alone leads to."""
    call = call_from(uuid, zone)
    return call.year, call.month


def test_the_documented_uuid_carries_the_documented_instant() -> None:
    instant = instant_of(DOCUMENTED)
    assert instant is not None
    # The uuid says 08.0247118; datetime knows no tenths of a microsecond.
    assert abs(instant - datetime(2015, 8, 17, 13, 5, 8, 24712, tzinfo=UTC)) <= MICROSECOND
    assert call_from(DOCUMENTED, BUDAPEST) == Call(DOCUMENTED, "2015", "08")


def test_the_resource_is_year_month_uuid() -> None:
    assert call_from(DOCUMENTED, BUDAPEST).resource == f"/cdr/2015/08/{DOCUMENTED}"


@given(st.uuids(version=1))
@settings(deadline=None)
def test_instants_agree_with_the_standard_library(uuid: UUID) -> None:
    assert instant_of(str(uuid)) == GREGORIAN + timedelta(microseconds=uuid.time // 10)


@given(st.uuids().filter(lambda uuid: uuid.version != 1))
@settings(deadline=None)
def test_only_version_1_carries_an_instant(uuid: UUID) -> None:
    assert instant_of(str(uuid)) is None


@pytest.mark.parametrize("variant", "01234567cdef")
def test_a_uuid_of_another_variant_carries_no_instant(variant: str) -> None:
    assert instant_of(DOCUMENTED[:19] + variant + DOCUMENTED[20:]) is None


@pytest.mark.parametrize(
    ("instant", "zone", "month"),
    [
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "Europe/Budapest", ("2026", "01")),
        (datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC), "Europe/Budapest", ("2025", "12")),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "Europe/Budapest", ("2026", "07")),
        (datetime(2026, 1, 1, 2, 59, 59, tzinfo=UTC), "America/Buenos_Aires", ("2025", "12")),
        (datetime(2026, 1, 1, 3, 0, tzinfo=UTC), "America/Buenos_Aires", ("2026", "01")),
        (datetime(2026, 1, 1, 3, 29, 59, tzinfo=UTC), "America/St_Johns", ("2025", "12")),
        (datetime(2026, 1, 1, 3, 30, tzinfo=UTC), "America/St_Johns", ("2026", "01")),
        (datetime(2026, 1, 31, 18, 29, 59, tzinfo=UTC), "Asia/Kolkata", ("2026", "01")),
        (datetime(2026, 1, 31, 18, 30, tzinfo=UTC), "Asia/Kolkata", ("2026", "02")),
        (datetime(2026, 1, 31, 18, 14, 59, tzinfo=UTC), "Asia/Kathmandu", ("2026", "01")),
        (datetime(2026, 1, 31, 18, 15, tzinfo=UTC), "Asia/Kathmandu", ("2026", "02")),
    ],
)
def test_year_and_month_are_those_of_the_call_centres_clock(
    instant: datetime, zone: str, month: tuple[str, str]
) -> None:
    assert month_of(uuid_at(instant), ZoneInfo(zone)) == month


@given(instants, zones)
@settings(deadline=None)
def test_the_month_is_that_of_the_local_date(instant: datetime, zone: ZoneInfo) -> None:
    local = instant.astimezone(zone)
    assert month_of(uuid_at(instant), zone) == (f"{local:%Y}", f"{local:%m}")


@pytest.mark.parametrize("entry", [DOCUMENTED.upper(), f"  {DOCUMENTED}\r\n", DOCUMENTED.title()])
def test_a_uuid_is_read_in_any_case_and_with_blanks_around(entry: str) -> None:
    assert call_from(entry, BUDAPEST) == Call(DOCUMENTED, "2015", "08")
    assert call_from({"uuid": entry}, BUDAPEST) == Call(DOCUMENTED, "2015", "08")


def spellings(uuid: str) -> list[str]:
    """Return a uuid as programs write it."""
    plain = [uuid, uuid.replace("-", "")]
    framed = [form % one for one in plain for form in ("%s", "{%s}", "urn:uuid:%s")]
    cased = [spelt for one in framed for spelt in (one, one.upper())]
    return [f"{before}{one}{after}" for one in cased for before, after in (("", ""), (" ", "\r\n"))]


@pytest.mark.parametrize("entry", spellings(DOCUMENTED))
def test_a_uuid_is_read_in_every_spelling(entry: str) -> None:
    assert canonical_uuid(entry) == DOCUMENTED
    assert call_from(entry, BUDAPEST) == Call(DOCUMENTED, "2015", "08")
    assert call_from({"uuid": entry}, BUDAPEST) == Call(DOCUMENTED, "2015", "08")
    for name in ("uuid", "UUID", "Uuid"):
        assert uuid_in({"source": PHONE, name: entry}) == DOCUMENTED


@given(
    st.uuids()
    .map(str)
    .flatmap(lambda uuid: st.tuples(st.just(uuid), st.sampled_from(spellings(uuid))))
)
@settings(deadline=None)
def test_every_spelling_of_any_uuid_is_that_uuid(spelt: tuple[str, str]) -> None:
    uuid, entry = spelt
    assert canonical_uuid(entry) == uuid


@given(st.text(max_size=50) | st.from_regex(r"[{]?[0-9a-fA-F-]{30,38}[}]?", fullmatch=True))
@settings(deadline=None)
def test_what_is_read_as_a_uuid_has_its_digits_in_their_order(text: str) -> None:
    uuid = canonical_uuid(text)
    if uuid is not None:
        digits = text.strip().lower().replace("-", "").removeprefix("urn:uuid:").strip("{}")
        assert str(UUID(digits)) == uuid


def test_the_uuid_of_a_row_goes_before_fields_named_alike() -> None:
    assert uuid_in({"UUID": VERSION_4, "uuid": DOCUMENTED}) == DOCUMENTED
    assert uuid_in({"UUID": VERSION_4, "uuid": DOCUMENTED.upper()}) == DOCUMENTED
    assert uuid_in({"uuid": None, "UUID": VERSION_4}) == VERSION_4
    assert uuid_in({"uuid": "", "UUID": DOCUMENTED, "Uuid": DOCUMENTED.upper()}) == DOCUMENTED
    assert uuid_in({"UUID": VERSION_4, "Uuid": DOCUMENTED}) is None


@pytest.mark.parametrize(
    "cdr", [None, [], DOCUMENTED, 5, {}, {"uuid": 5}, {"id": DOCUMENTED}, {"uuid ": DOCUMENTED}]
)
def test_what_names_no_call_has_no_uuid(cdr: object) -> None:
    assert uuid_in(cdr) is None


@pytest.mark.parametrize("month", ["1", "01", 1, " 1 ", "01\n", "1.0", 1.0, "01.", Decimal("1.0")])
@pytest.mark.parametrize("year", ["2015", 2015, " 2015", "2015.0", 2015.0, "2015.00"])
def test_year_and_month_are_read_as_numbers_and_as_text(year: object, month: object) -> None:
    entry = {"uuid": VERSION_4, "year": year, "month": month}
    assert call_from(entry, BUDAPEST) == Call(VERSION_4, "2015", "01")


def test_a_month_that_is_given_goes_before_that_of_the_uuid() -> None:
    entry = {"uuid": DOCUMENTED, "year": "2016", "month": "12"}
    assert call_from(entry, BUDAPEST) == Call(DOCUMENTED, "2016", "12")


@pytest.mark.parametrize(
    "nothing", [None, "", "  ", "nan", "NaN", float("nan"), "None", "null", " NULL ", "<NA>"]
)
def test_an_empty_year_and_month_are_not_given(nothing: object) -> None:
    entry = {"uuid": DOCUMENTED, "year": nothing, "month": nothing}
    assert call_from(entry, BUDAPEST) == Call(DOCUMENTED, "2015", "08")


def test_other_keys_of_an_object_are_ignored() -> None:
    entry = {"uuid": DOCUMENTED, "source": PHONE, "day": 99, "Month": 13}
    assert call_from(entry, BUDAPEST) == Call(DOCUMENTED, "2015", "08")


def test_a_version_4_uuid_needs_year_and_month_and_the_call_is_named() -> None:
    with pytest.raises(BadCallError, match=VERSION_4) as caught:
        call_from(VERSION_4.upper(), BUDAPEST)
    assert "year and month" in str(caught.value)


@pytest.mark.parametrize(
    "month",
    ["13", 13, "0", "00", 0, "-1", "1.5", 1.5, "10.10", 1e300, "001", "Jan", "\u0661", [], True],
)
def test_a_month_that_is_none_is_refused_and_the_call_is_named(month: object) -> None:
    with pytest.raises(BadCallError, match=f"{DOCUMENTED}.*month"):
        call_of(DOCUMENTED, "2015", month, BUDAPEST)


@pytest.mark.parametrize(
    "year",
    [
        "15",
        15,
        "02015",
        20155,
        "2015.5",
        2015.5,
        float("inf"),
        "\uff12\uff10\uff11\uff15",
        True,
        {},
    ],
)
def test_a_year_that_is_none_is_refused_and_the_call_is_named(year: object) -> None:
    with pytest.raises(BadCallError, match=f"{DOCUMENTED}.*year"):
        call_of(DOCUMENTED, year, "08", BUDAPEST)


@pytest.mark.parametrize(("year", "month"), [("2015", None), ("2015", ""), (None, 8), (" ", "08")])
def test_year_and_month_come_together_or_not_at_all(year: object, month: object) -> None:
    with pytest.raises(BadCallError, match=f"{DOCUMENTED}.*together"):
        call_of(DOCUMENTED, year, month, BUDAPEST)


@pytest.mark.parametrize(
    "entry",
    [
        PHONE,
        DOCUMENTED[:-1],
        DOCUMENTED + "0",
        DOCUMENTED.replace("-", "", 1),
        DOCUMENTED.replace("-", "_"),
        "{" + DOCUMENTED,
        DOCUMENTED + "}",
        "{{" + DOCUMENTED + "}}",
        "urn:" + DOCUMENTED,
        DOCUMENTED.replace("-", " "),
        f"{DOCUMENTED}/../../users",
        DOCUMENTED.replace("9", "g"),
        DOCUMENTED[:-1] + "İ",
        "",
        None,
        5,
        True,
        [DOCUMENTED],
        {},
        {"uuid": None},
        {"uuid": VERSION_4, "UUID": DOCUMENTED, "data": {}, "Uuid": DOCUMENTED},
        {"uuid": {"uuid": DOCUMENTED}},
    ],
)
def test_what_is_no_uuid_is_refused(entry: object) -> None:
    with pytest.raises(BadCallError, match="uuid"):
        call_from(entry, BUDAPEST)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from([PHONE, int(PHONE), [PHONE], {PHONE: PHONE}, DOCUMENTED, None])
            for name in ("uuid", "year", "month")
        },
    )
    | st.sampled_from([PHONE, int(PHONE), [PHONE]])
)
@settings(deadline=None)
def test_a_message_never_repeats_what_stands_in_the_wrong_place(entry: object) -> None:
    try:
        call_from(entry, BUDAPEST)
    except BadCallError as error:
        message = str(error)
    else:
        assert isinstance(entry, dict)
        assert entry["uuid"] == DOCUMENTED
        return
    assert PHONE not in message
    assert "\n" not in message


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=4,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_json_value_is_a_call_or_a_bad_call(entry: Any) -> None:  # noqa: ANN401
    for value in (entry, {"uuid": DOCUMENTED, "year": entry, "month": entry}):
        try:
            call = call_from(value, BUDAPEST)
        except BadCallError:
            continue
        assert len(call.year) == 4
        assert 1 <= int(call.month) <= 12


@pytest.mark.parametrize(
    ("instant", "neighbour"),
    [
        # Midnight of 1 January in Budapest is 23:00 UTC.
        (datetime(2025, 12, 31, 22, 0, 0, tzinfo=UTC), ("2026", "01")),
        (datetime(2025, 12, 31, 21, 59, 59, tzinfo=UTC), None),
        (datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC), ("2026", "01")),
        (datetime(2025, 12, 31, 23, 0, 0, tzinfo=UTC), ("2025", "12")),
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), ("2025", "12")),
        (datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC), None),
        (datetime(2026, 1, 15, tzinfo=UTC), None),
    ],
)
def test_the_next_month_is_asked_within_an_hour_of_the_edge_and_only_then(
    instant: datetime, neighbour: tuple[str, str] | None
) -> None:
    call = call_from(uuid_at(instant), BUDAPEST)
    found = neighbours_of(call, BUDAPEST)
    assert found == ([Call(call.uuid, *neighbour)] if neighbour else [])


@given(instants, zones)
@settings(deadline=None)
def test_a_neighbour_is_the_month_across_the_nearest_edge(
    instant: datetime, zone: ZoneInfo
) -> None:
    call = call_from(uuid_at(instant), zone)
    own = (call.year, call.month)
    around = [month_of(uuid_at(instant + i * HOUR / 6), zone) for i in range(-6, 7)]
    others = [month for month in around if month != own]
    found = neighbours_of(call, zone)
    assert found == ([Call(call.uuid, *others[0])] if others else [])


@given(
    st.integers(1976, 2098),
    st.integers(1, 12),
    st.timedeltas(-HOUR + MICROSECOND, HOUR - MICROSECOND),
    zones,
)
@settings(deadline=None)
def test_near_an_edge_each_month_is_the_others_neighbour(
    year: int, month: int, distance: timedelta, zone: ZoneInfo
) -> None:
    edge = datetime(year, month, 1, tzinfo=zone).astimezone(UTC)
    before = edge.astimezone(zone) - timedelta(days=1)
    # Where the clocks skip or repeat midnight, an hour is not what it looks like.
    assume((edge - HOUR).astimezone(zone).utcoffset() == (edge + HOUR).astimezone(zone).utcoffset())
    call = call_from(uuid_at(edge + distance), zone)
    (neighbour,) = neighbours_of(call, zone)
    assert {call[1:], neighbour[1:]} == {
        (f"{year}", f"{month:02d}"),
        (f"{before:%Y}", f"{before:%m}"),
    }


def test_a_call_given_under_another_month_is_looked_for_under_that_of_its_uuid() -> None:
    middle = uuid_at(datetime(2025, 12, 15, 12, tzinfo=UTC))
    edge = uuid_at(datetime(2025, 12, 31, 23, 30, tzinfo=UTC))  # 00:30 of 1 January in Budapest
    for year, month in (("2025", "11"), ("2026", "02"), ("2027", "01")):
        assert neighbours_of(Call(middle, year, month), BUDAPEST) == [Call(middle, "2025", "12")]
        assert neighbours_of(Call(edge, year, month), BUDAPEST) == [
            Call(edge, "2026", "01"),
            Call(edge, "2025", "12"),
        ]
    # Listed under its month in UTC, as a warehouse has it.
    assert neighbours_of(Call(edge, "2025", "12"), BUDAPEST) == [Call(edge, "2026", "01")]


def test_a_call_whose_uuid_tells_no_instant_has_no_neighbour() -> None:
    assert neighbours_of(Call(VERSION_4, "2026", "01"), BUDAPEST) == []
