"""The one door to the insides of the Singer SDK: what of it the tap uses that is not documented.

A release of the SDK may change any of this without a word. So all that is private is imported from
here and named here, and `tests/singer/test_sdk.py` says which of it a release has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from singer_sdk import Stream, Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.helpers._batch import (
    DEFAULT_BATCH_SIZE,
    BaseBatchFileEncoding,
    BatchConfig,
    SDKBatchMessage,
    StorageTarget,
)
from singer_sdk.helpers._catalog import get_selected_schema
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.helpers._flattening import flatten_key
from singer_sdk.helpers._util import load_json, utc_now
from singer_sdk.mapper import CustomStreamMap, PluginMapper
from singer_sdk.plugin_base import JSONSchemaValidator
from singer_sdk.plugin_base import _ConfigInput as ConfigInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from singer_sdk.helpers.capabilities import CapabilitiesEnum

__all__ = [
    "DEFAULT_BATCH_SIZE",
    "BaseBatchFileEncoding",
    "BatchConfig",
    "ConfigInput",
    "JSONSchemaValidator",
    "SDKBatchMessage",
    "StorageTarget",
    "classproperty",
    "flatten_key",
    "get_selected_schema",
    "load_json",
    "offered",
    "utc_now",
]

# No stream is ever replaced as a whole, which is what ACTIVATE_VERSION is for; and `start_date` is
# a setting of the tap's own, from 0.55 on also one of the SDK's.
_NOT_OFFERED: Final = frozenset({"activate-version", "start-date"})

OVERRIDDEN: Final[Mapping[type, Sequence[str]]] = {
    Tap: (
        "_env_var_config",  # ends at the first text that is no JSON, reads any `.env` above
        "_setup_signal_handlers",  # theirs write a STATE in the middle of another message
        "_validate_config",  # repeats values, and looks at no address, zone or call
        "cb_config",  # ends with a traceback where a file is none
        "cb_test",  # ends with status 0 whatever a stream has left
        "invoke",  # ends with a dump of the schema, and with a traceback for a bad catalog or state
        "load_state",  # takes any object for a state
        "setup_mapper",  # makes maps of what is not selected, too, and of keys a catalog names
    ),
    Stream: (
        "_generate_batch_messages",  # names a file for outputs that maps leave out
        "_generate_record_messages",  # looks at each property of each record
        "_generate_schema_messages",  # names a bookmark that a map takes out
        "_increment_stream_state",  # keeps the bookmark apart until the end, and lets it move back
        "_process_record",  # writes a record that is to go into a file as well
        "_sync_records",  # logs a traceback with the text of any error
        "_write_starting_replication_value",  # a line and a key in the state for each partition
        "_write_state_message",  # knows nothing of how far a run has got
        "apply_catalog",  # takes keys and FULL_TABLE from a catalog
        "get_batch_config",  # takes files to be plain that it packs
        "get_batches",  # without stream maps, selection and flattening
        "get_replication_key_signpost",  # takes the bookmark for what a run goes on from
    ),
    StorageTarget: ("open",),  # makes files that all can read
    MsgSpecWriter: ("write_message",),  # a write a record, and a traceback once nothing takes it
}
"""The methods that the tap replaces, with why, by the class of the SDK that has them."""

CALLED: Final[Mapping[type, Sequence[str]]] = {
    Tap: ("_env_var_prefix", "append_builtin_config"),
    Stream: ("_singer_catalog_entry",),
    StorageTarget: ("_root_path",),
    MsgSpecWriter: ("format_message",),
}
"""The methods and properties that it uses as they are."""

ATTRIBUTES: Final[Mapping[type, Sequence[str]]] = {
    Tap: ("_config", "_streams"),
    Stream: ("_input_schema", "_tap"),
}
"""What it reads and sets of a tap and a stream that have been made."""


class Frame(NamedTuple):
    """A function of the SDK that an error comes out of, as its variables say more than the error.

    Attributes:
        function: The function.
        variables: Those that are read.
    """

    function: Callable[..., Any]
    variables: Sequence[str]


PROPERTY_MAPPED: Final = Frame(CustomStreamMap._eval, ("self", "property_name"))  # noqa: SLF001 - see above
"""Evaluates an expression of a map; its error names neither the map nor the property."""

MAP_REGISTERED: Final = Frame(PluginMapper.register_raw_stream_schema, ("stream_map_key",))
"""Makes the maps of a stream; its error does not name which of them cannot be made."""


def offered(tap: type[Tap]) -> list[CapabilitiesEnum]:
    """Return what a tap of the SDK can do and this one offers.

    By the values, as releases of the SDK keep them in different classes.
    """
    return [one for one in tap.capabilities if one.value not in _NOT_OFFERED]
