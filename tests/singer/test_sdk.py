"""The insides of the SDK that the tap uses are as it takes them to be, and all behind one door.

What fails here with another release of the SDK is the place to look at first.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from singer_sdk import Stream, Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter

import tap_vcclive
from tap_vcclive.singer import sdk
from tap_vcclive.singer.batches import PrivateStorage
from tap_vcclive.singer.output import Output
from tap_vcclive.tap import TapVCCLive

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

PACKAGE = Path(tap_vcclive.__file__).parent
DOOR = PACKAGE / "singer" / "sdk.py"

SIGNATURES = {
    "Tap._env_var_config": "(cls)",
    "Tap._env_var_prefix": "(cls)",
    "Tap._setup_signal_handlers": "(self)",
    "Tap._validate_config": "(self, *, raise_errors=True)",
    "Tap.append_builtin_config": "(cls, config_jsonschema)",
    "Tap.cb_config": "(cls, ctx, param, value)",
    "Tap.cb_test": "(cls, ctx, param, value)",
    "Tap.invoke": (
        "(cls, *, about=False, about_format=None, config=None, state=None, catalog=None)"
    ),
    "Tap.load_state": "(self, state)",
    "Tap.setup_mapper": "(self)",
    "Stream._generate_batch_messages": "(self, encoding, manifest)",
    "Stream._generate_record_messages": "(self, record)",
    "Stream._generate_schema_messages": "(self)",
    "Stream._increment_stream_state": "(self, latest_record, *, context=None)",
    "Stream._process_record": "(self, record, child_context=None, partition_context=None)",
    "Stream._singer_catalog_entry": "(self)",
    "Stream._sync_records": "(self, context=None, *, write_messages=True)",
    "Stream._write_starting_replication_value": "(self, context)",
    "Stream._write_state_message": "(self)",
    "Stream.apply_catalog": "(self, catalog)",
    "Stream.get_batch_config": "(self, config)",
    "Stream.get_batches": "(self, batch_config, context=None)",
    "Stream.get_replication_key_signpost": "(self, context=None)",
    "StorageTarget._root_path": "(self)",
    "StorageTarget.open": "(self, filename, mode='rb')",
    "MsgSpecWriter.format_message": "(self, message)",
    "MsgSpecWriter.write_message": "(self, message)",
    "CustomStreamMap._eval": "(self, expr, expr_parsed, record, property_name)",
    "PluginMapper.register_raw_stream_schema": "(self, stream_name, schema, key_properties)",
}


def test_what_the_tap_replaces_and_calls_has_the_signature_that_it_had() -> None:
    found = {
        f"{owner.__name__}.{name}": signature_of(inspect.getattr_static(owner, name, None))
        for listed in (sdk.OVERRIDDEN, sdk.CALLED)
        for owner, names in listed.items()
        for name in names
    }
    for frame in (sdk.PROPERTY_MAPPED, sdk.MAP_REGISTERED):
        found[frame.function.__qualname__] = signature_of(frame.function)
    assert found == SIGNATURES


def signature_of(found: Any) -> str | None:  # noqa: ANN401 - whatever stands in a class
    """Return names, kinds and defaults of the parameters of a method; None when there is none."""
    match found:
        case None:
            return None
        case property():
            found = found.fget
        case classmethod():
            found = found.__func__
        case cached_property():
            found = found.func
    parameters = inspect.signature(found).parameters.values()
    return str(inspect.Signature([one.replace(annotation=one.empty) for one in parameters]))


@pytest.mark.parametrize(
    ("called", "names", "keywords"),
    [
        (sdk.BaseBatchFileEncoding.from_dict, ("data",), ()),
        (sdk.BatchConfig, ("encoding", "storage", "batch_size"), ()),
        (sdk.ConfigInput, (), ("config", "parse_env")),
        (sdk.JSONSchemaValidator, ("schema",), ()),
        (sdk.SDKBatchMessage, ("stream", "encoding", "manifest"), ()),
        (sdk.StorageTarget, (), ("root", "prefix", "params")),
        (sdk.classproperty, ("fget",), ()),
        (sdk.flatten_key, ("key_name", "parent_keys"), ("max_key_length",)),
        (sdk.get_selected_schema, ("stream_name", "schema", "mask"), ()),
        (sdk.load_json, ("json_str",), ()),
        (sdk.utc_now, (), ()),
    ],
    ids=lambda called: getattr(called, "__name__", None),
)
def test_what_the_tap_imports_takes_what_it_is_given(
    called: Callable[..., Any], names: tuple[str, ...], keywords: tuple[str, ...]
) -> None:
    given = inspect.signature(called).bind(*names, **dict.fromkeys(keywords))
    assert [*given.arguments] == [*names, *keywords]


def test_the_functions_that_errors_come_out_of_have_the_variables_that_are_read() -> None:
    for frame in (sdk.PROPERTY_MAPPED, sdk.MAP_REGISTERED):
        code = frame.function.__code__
        assert {*frame.variables} <= {*code.co_varnames, *code.co_cellvars}


class PlainStream(Stream):
    """A stream with nothing of the tap's."""

    name = "plain"
    schema: ClassVar[dict[str, Any]] = {"properties": {"id": {"type": "string"}}}

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        return ()


class PlainTap(Tap):
    """A tap with nothing of this one's."""

    name = "plain"
    config_jsonschema: ClassVar[dict[str, Any]] = {"properties": {}}

    @override
    def discover_streams(self) -> list[Stream]:
        return [PlainStream(self)]

    @override
    def _setup_signal_handlers(self) -> None:
        """Leave the signals of the tests alone."""


@pytest.fixture(scope="module")
def plain() -> dict[type, object]:
    """What there is in a run of a tap that replaces nothing, by class of the SDK."""
    tap = PlainTap()
    return {
        Tap: tap,
        Stream: tap.streams["plain"],
        sdk.StorageTarget: sdk.StorageTarget("memory://"),
        MsgSpecWriter: MsgSpecWriter(),
    }


def test_a_tap_and_a_stream_have_the_attributes_that_are_read_and_set(
    plain: dict[type, object],
) -> None:
    for owner, names in sdk.ATTRIBUTES.items():
        assert {*names} <= {*vars(plain[owner])}
    stream = plain[Stream]
    assert isinstance(stream, Stream)
    assert stream.state_manager.is_flushed


def test_no_private_name_of_the_sdk_is_met_that_is_not_listed(plain: dict[type, object]) -> None:
    """Neither used nor, by chance, given to something of the tap's, as a release may add it."""
    tap = TapVCCLive(validate_config=False)
    own = [TapVCCLive, PrivateStorage, Output, *map(type, tap.streams.values())]
    for owner, one in plain.items():
        classes = {each for child in own if issubclass(child, owner) for each in child.__mro__}
        files = {inspect.getfile(c) for c in classes if c.__module__.startswith("tap_vcclive")}
        met = {name for file in files for name in private_in(Path(file))}.intersection(dir(one))
        listed = [names.get(owner, ()) for names in (sdk.OVERRIDDEN, sdk.CALLED, sdk.ATTRIBUTES)]
        assert met == {name for names in listed for name in names if name.startswith("_")}


def private_in(file: Path) -> Iterator[str]:
    """Yield the private names that a module defines, reads and sets."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.FunctionDef(name=name) | ast.Attribute(attr=name) | ast.Name(id=name):
                if name.startswith("_") and not name.startswith("__"):
                    yield name


def test_nothing_private_of_the_sdk_comes_in_but_by_the_door() -> None:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("singer_sdk"):
                steps = [*str(node.module).split("."), *(one.name for one in node.names)]
                private = [step for step in steps if step.startswith("_")]
                assert file == DOOR or not private, file


def test_the_tap_offers_what_it_has_and_no_more_whatever_the_sdk_adds() -> None:
    assert {capability.value for capability in TapVCCLive.capabilities} == {
        "about",
        "batch",
        "catalog",
        "discover",
        "schema-flattening",
        "state",
        "stream-maps",
        "structured-logging",
    }
