"""Settings are checked all at once, each problem by the setting's name, no value repeated."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.settings.checks import problems_of
from tap_vcclive.tap import TapVCCLive

TapVCCLive.append_builtin_config(TapVCCLive.config_jsonschema)
SCHEMA: dict[str, Any] = TapVCCLive.config_jsonschema
UUID = "95bd5f46-44e0-11e5-a6da-6547f8762750"
VERSION_4 = "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e"
PHONE = "36301234567"
KEY = "t0ps3cr3t"
GOOD: dict[str, Any] = {"customer": "acme", "api_key": KEY, "calls": [UUID]}


def problems(**changes: Any) -> list[str]:  # noqa: ANN401 - any JSON value
    """Return what is wrong with good settings that are changed."""
    found = problems_of(copy.deepcopy(GOOD | changes), SCHEMA)
    for line in found:
        assert "\n" not in line
        assert not [secret for secret in (KEY, PHONE) if secret in line]
    return found


def names_in(lines: list[str]) -> list[str]:
    """Return the setting that each line begins with."""
    return [line.split(":")[0].split("[")[0] for line in lines]


def test_good_settings_have_no_problems_and_get_the_defaults() -> None:
    config = copy.deepcopy(GOOD)
    assert problems_of(config, SCHEMA) == []
    defaults = {
        name: declared["default"]
        for name, declared in SCHEMA["properties"].items()
        if "default" in declared
    }
    assert config == defaults | GOOD
    assert config["timezone"] == "Europe/Budapest"
    assert config["retry_minutes"] == 5
    assert config["max_attempts"] == 20
    assert config["max_concurrency"] == 8
    assert config["max_tries"] == 6
    assert config["request_timeout_seconds"] == 60
    assert config["api_url"] == "https://{customer}.asp.virtual-call-center.eu/v2"


def test_what_is_given_goes_before_the_defaults() -> None:
    config = GOOD | {"timezone": "Asia/Kathmandu", "retry_minutes": 0, "max_tries": 20}
    assert problems_of(config, SCHEMA) == []
    assert (config["timezone"], config["retry_minutes"]) == ("Asia/Kathmandu", 0)


@pytest.mark.parametrize("name", sorted(set(SCHEMA["properties"]) - {"customer", "api_key"}))
@pytest.mark.parametrize("empty", [None, "", " \t\r\n"], ids=repr)
def test_null_and_empty_are_not_set(name: str, empty: str | None) -> None:
    config = {**copy.deepcopy(GOOD), "calls_file": "calls.csv", name: empty}
    assert problems_of(config, SCHEMA) == []
    assert config.get(name) == SCHEMA["properties"][name].get("default")


@pytest.mark.parametrize("name", ["customer", "api_key"])
def test_what_is_required_is_missed(name: str) -> None:
    without = {key: value for key, value in GOOD.items() if key != name}
    assert problems_of(without, SCHEMA) == [f"{name}: must be set"]
    for empty in (None, "", " \n"):
        assert problems(**{name: empty}) == [f"{name}: must be set"]


def test_the_account_alone_is_enough() -> None:
    assert problems(calls=None) == []
    assert problems(calls=None, calls_file="calls.csv") == []
    assert problems(calls_file="calls.csv") == []


def test_nothing_given_is_told_in_one_go() -> None:
    lines = problems_of({}, SCHEMA)
    assert sorted(names_in(lines)) == ["api_key", "customer"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "customer",
            ["-acme", "acme-", "ac.me", "ac/me", "a me", "acmé", "a\nb", "a" * 64, 5],
        ),
        ("api_key", [5, True, [KEY], {"key": KEY}, int(PHONE)]),
        ("calls", [5, "5", f"[{UUID}]", f'["{UUID}"', f'{{"uuid": "{UUID}"', True, PHONE]),
        ("calls_file", ["calls", "calls.xlsx", "calls.csv.zip", "folder/", 5, [PHONE]]),
        (
            "timezone",
            ["Nowhere", "Europe", "../etc/passwd", "/etc/passwd", "Europe/Budapest\0"],
        ),
        ("timezone", ["europe/buda pest", "\ud800", "x" * 5000, "..", ".", "zone.tab", 1, "UTC+1"]),
        ("retry_minutes", [-1, 10_081, "five", "5.5", "1_0", "5 5", "\u0665", 1.5, True, [5]]),
        ("max_attempts", [0, 1001, "0", "9" * 500, False]),
        ("max_concurrency", [0, 65, "eight", 8.5]),
        ("requests_per_minute", [0, -1, "none", 0.5]),
        ("request_timeout_seconds", [0, 601, "60s"]),
        ("max_tries", [0, 21, "0x6"]),
        ("calls_from_log", ["maybe", "ja", 1, 0, 2]),
        ("project_ids", [-1, "a", "1,a", "[1", [1, None], [1.5], {"1": 2}, True, "1 -2"]),
        ("user_agent", ["a\r\nX-Evil: 1", "a\tb", "tap\u2011vcclive", "a" * 201, 5]),
    ],
)
def test_a_bad_value_is_told_by_its_setting_and_by_no_other(
    name: str, values: list[object]
) -> None:
    for value in values:
        assert set(names_in(problems(**{name: value}))) - {"api_url"} == {name}, value


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("customer", ["acme", "a", "Acme-2", "a--b", "0", "a" * 63, "acme\n"]),
        ("calls", [[], [UUID.upper()], [f" {UUID} "], [{"uuid": UUID}]]),
        ("calls", [[{"uuid": UUID, "source": PHONE, "disposition": {"id": 1}}]]),
        ("calls", [[{"uuid": VERSION_4, "year": 2015, "month": "1"}]]),
        ("calls", [[{"uuid": VERSION_4, "year": "2015", "month": 12}, UUID]]),
        ("calls", [[{"uuid": UUID, "year": None, "month": None}]]),
        ("calls_file", ["calls.csv", "C.CSV.GZ", "a/b.jsonl", "x.ndjson.gz", "memory://calls.txt"]),
        ("calls_file", ["s3://bucket/calls.csv", f"https://u:{KEY}@host/calls.csv?sig={KEY}"]),
        ("timezone", ["UTC", "America/Argentina/Buenos_Aires", "Asia/Kathmandu"]),
        ("retry_minutes", [0, 10_080, "0", "5"]),
        ("max_attempts", [1, 1000, "20", " 20\n"]),
        ("max_concurrency", [1, 64]),
        ("requests_per_minute", [1, 1_000_000]),
        ("user_agent", ["a", "tap-vcclive/1 (ops@example.com)"]),
    ],
)
def test_a_good_value_is_no_problem(name: str, values: list[object]) -> None:
    for value in values:
        assert problems(**{name: value}) == [], value


@pytest.mark.parametrize("name", ["nonsense", "api-key", "Customer", "start", "apikey"])
def test_an_unknown_setting_is_named(name: str) -> None:
    assert problems(**{name: KEY}) == [f"{name}: no such setting"]


def test_a_name_that_is_none_of_a_setting_is_not_repeated() -> None:
    not_shown = "(a name that is not shown)"
    for name in (PHONE, KEY, f"{{{KEY}}}", "x" * 50, "Kovács", "a b"):
        assert problems(**{name: 5}) == [f"{not_shown}: no such setting"]
    (problem,) = problems(stream_maps={KEY: 5})
    assert problem.startswith("stream_maps[entry 1]: ")


def test_a_list_that_is_none_is_named_by_its_place_only() -> None:
    for value in (KEY, f"sftp://user:{KEY}@host", f"az://c/{KEY}?sig={KEY}"):
        assert problems(calls_file=value) == [
            "calls_file: must end in .csv, .jsonl, .ndjson, .txt, or one of these with .gz"
        ]


def test_a_key_that_is_no_text_is_refused() -> None:
    assert problems(api_key="half of 😀: \ud83d") == ["api_key: must be UTF-8 text"]


def test_the_settings_that_the_sdk_adds_are_known() -> None:
    assert problems(stream_maps={}, stream_map_config={"seed": "x"}, flattening_enabled=False) == []
    assert names_in(problems(stream_maps=5)) == ["stream_maps"]
    assert problems(stream_maps={"cdr": 5}) == [
        "stream_maps[cdr]: is not of a form that this setting has"
    ]


def test_each_expression_of_a_stream_map_that_is_none_is_named() -> None:
    maps = {
        "cdr": {"source": "md5(source", "destination": "None", "userid": None, "uuid": ""},
        "cdr_log": {"__filter__": "1 +", "__alias__": "all calls", "__else__": "__NULL__"},
    }
    assert problems(stream_maps=maps) == [
        "stream_maps[cdr][source]: is no expression",
        "stream_maps[cdr][uuid]: is no expression",
        "stream_maps[cdr_log][__filter__]: is no expression",
        "stream_maps[cdr_log][__alias__]: is no expression",
    ]


def test_all_problems_are_told_at_once() -> None:
    bad: dict[str, Any] = {
        "customer": "a.b",
        "api_key": int(PHONE),
        "calls": [PHONE, UUID, {"uuid": VERSION_4}],
        "calls_file": "calls.pdf",
        "timezone": "../etc/passwd",
        "retry_minutes": -1,
        "max_attempts": "many",
        "max_concurrency": 65,
        "requests_per_minute": 0,
        "request_timeout_seconds": 0,
        "max_tries": 0,
        "api_url": "http://evil.com",
        "user_agent": "a\nb",
        "nonsense": KEY,
    }
    lines = problems(**bad)
    assert set(names_in(lines)) == set(bad)
    assert [line.split(":")[0] for line in lines if line.startswith("calls[")] == [
        "calls[0]",
        "calls[2]",
    ]


def test_a_call_of_a_wrong_type_does_not_hide_another_bad_call() -> None:
    lines = problems(calls=[UUID, 5, PHONE])
    assert [line.split(":")[0] for line in lines] == ["calls[1]", "calls[2]"]


@pytest.mark.parametrize(
    "item",
    [
        PHONE,
        int(PHONE),
        "",
        None,
        True,
        [UUID],
        [PHONE],
        {},
        {"uuid": PHONE},
        {"uuid": int(PHONE)},
        {"uuid": None},
        {"year": PHONE, "month": PHONE},
        {"uuid": UUID, "year": PHONE, "month": 1},
        {"uuid": UUID, "year": int(PHONE), "month": 1},
        {"uuid": UUID, "year": 2015, "month": PHONE},
        {"uuid": UUID, "year": 2015, "month": 13},
        {"uuid": UUID, "year": 2015},
        {"uuid": UUID, "year": [PHONE], "month": {"a": PHONE}},
        {"uuid": UUID, "year": 2015.5, "month": 1},
        {"uuid": VERSION_4},
        VERSION_4,
    ],
    ids=str,
)
def test_a_bad_call_is_told_by_its_index_only(item: object) -> None:
    (line,) = problems(calls=[UUID, item])
    assert line.startswith("calls[1]: ")


@pytest.mark.parametrize(
    "url",
    [
        "https://{customer}.asp.virtual-call-center.eu/v2",
        "https://{customer}.example.com",
        "https://proxy.example.com:8443/vcc/{customer}/v2/",
        "http://127.0.0.1:8080/v2",
        "http://127.8.8.8/v2",
        "http://localhost:8080",
        "http://LOCALHOST/v2",
        "http://[::1]:8080/v2",
        "HTTPS://example.com/v2",
    ],
)
def test_another_address_is_accepted(url: str) -> None:
    assert problems(api_url=url) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://{customer}.asp.virtual-call-center.eu/v2",
        "http://example.com",
        "HTTP://example.com",
        "http://127.0.0.1.evil.com/v2",
        "http://localhost.evil.com/v2",
        "http://evil.com/127.0.0.1",
        "http://evil.com#@127.0.0.1",
        "http://evil.com?@localhost",
        "http://evil.com\\@127.0.0.1",
        "http://127.0.0.1\\.evil.com",
        "http://127.0.0.1\t.evil.com",
        "http://127.0.0.1 .evil.com",
        "http://127.0.0.1\n@evil.com",
        "http://127.0.0.1@evil.com",
        "http://127.0.0.1:80@evil.com",
        "http://127.0.0.1%2f.evil.com",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://192.168.1.1",
        "http://[::ffff:8.8.8.8]",
        "http://\uff11\uff12\uff17.0.0.1",
        f"https://user:{KEY}@example.com/v2",
        f"https://{KEY}@example.com/v2",
        "https://@example.com/v2",
        "https://:@example.com/v2",
        "https://example.com/v2?a=b",
        f"https://example.com/v2?key={KEY}",
        "https://example.com/v2#a",
        "https://example.com/v2?",
        "https://example.com/v2#",
        "https://{customer}.example.com/{other}",
        "https://{Customer}.example.com",
        "https://exa mple.com",
        "https://example.com/v\n2",
        "https://exámple.com",
        "https://example.com:99999",
        "https://example.com:port",
        "https://[::1",
        "https://[v1.x]/",
        "https://.x",
        "https://*.x",
        "https://a..b",
        "https://a%zz/",
        f"https://{'a' * 64}.example.com",
        "https://",
        "https:///v2",
        "https:example.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//example.com/v2",
        "example.com/v2",
        "{customer}",
        5,
        True,
        ["https://example.com"],
    ],
    ids=str,
)
def test_an_address_that_the_key_must_not_go_to_is_refused(url: object) -> None:
    assert set(names_in(problems(api_url=url))) == {"api_url"}


def test_the_address_is_checked_with_the_customer_in_it() -> None:
    assert problems(api_url="http://{customer}:8080/v2", customer="localhost") == []
    assert names_in(problems(api_url="http://{customer}:8080/v2")) == ["api_url"]


@pytest.mark.parametrize("customer", ["evil.com/", "a@evil.com", "evil.com#", "x:y@h", "evil.com?"])
def test_a_customer_does_not_lead_to_another_server(customer: str) -> None:
    assert "customer" in names_in(problems(customer=customer))


@pytest.mark.parametrize(
    "url", ["s3://[bad/calls.csv", "http://[::1/calls.csv", f"s3://{KEY}:{KEY}@[x/calls.pdf"]
)
def test_an_address_of_a_file_that_is_none_is_no_crash(url: str) -> None:
    assert set(names_in(problems(calls_file=url))) <= {"calls_file"}


def test_a_value_from_the_environment_that_could_not_be_read_is_told() -> None:
    lines = problems(calls=object(), retry_minutes=object())
    assert sorted(names_in(lines)) == ["calls", "retry_minutes"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(UUID),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["uuid", "year", "month", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from([name for name in SCHEMA["properties"] if name != "calls"]),
        json_values,
        max_size=4,
    ),
    st.lists(json_values, max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_any_settings_are_checked_without_a_crash(config: dict[str, Any], calls: list[Any]) -> None:
    lines = problems_of(GOOD | config | {"calls": calls}, SCHEMA)
    assert set(names_in(lines)) <= set(SCHEMA["properties"])
