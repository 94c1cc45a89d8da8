"""The tap: its settings and its list of streams, on the command line and in Meltano."""

from __future__ import annotations

import io
import sys
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from click.exceptions import Exit
from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError

from tap_vcclive import logs
from tap_vcclive.settings.checks import problems_of
from tap_vcclive.settings.declarations import SETTINGS
from tap_vcclive.settings.environment import settings_in_environment
from tap_vcclive.settings.inputs import (
    FROM_ENVIRONMENT,
    UnusableInputError,
    catalog_in,
    config_in,
    state_in,
)
from tap_vcclive.settings.typed import Settings
from tap_vcclive.signals import SIGNALS
from tap_vcclive.singer.maps import mapper_for
from tap_vcclive.singer.output import Output
from tap_vcclive.singer.sdk import ConfigInput, classproperty, offered
from tap_vcclive.states import BadStateError, check_account
from tap_vcclive.stopping import Stop
from tap_vcclive.streams.cdr import CdrStream
from tap_vcclive.streams.cdr_log import CdrLogStream
from tap_vcclive.streams.dispositions import DispositionsStream
from tap_vcclive.streams.online_users import OnlineUsersStream
from tap_vcclive.streams.project_fields import ProjectFieldsStream
from tap_vcclive.streams.projects import ProjectsStream
from tap_vcclive.streams.roles import RolesStream
from tap_vcclive.streams.shared import Shared
from tap_vcclive.streams.user_states import UserStatesStream
from tap_vcclive.streams.users import UsersStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click
    from singer_sdk import Stream
    from singer_sdk.helpers.capabilities import CapabilitiesEnum

    from tap_vcclive.streams.base import VccStream


STREAMS: Final[Sequence[type[VccStream[Any]]]] = (
    CdrStream,
    CdrLogStream,
    DispositionsStream,
    OnlineUsersStream,
    ProjectFieldsStream,
    ProjectsStream,
    RolesStream,
    UserStatesStream,
    UsersStream,
)


class TapVCCLive(Tap):
    """Singer tap for VCC Live: call detail records of a call centre, and its names.

    Attributes:
        is_unfinished: Whether a stream has left something of what it was asked for. Of the class,
            as the SDK makes the tap itself where nobody can look at it.
        left: What the last of them has left, or why.
    """

    is_unfinished: ClassVar[bool] = False
    left: ClassVar[str] = ""

    name = "tap-vcclive"
    package_name = "tap-vcclive"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()
    # Writes a record in a tenth of the time of the SDK's default, and whole lines only.
    message_writer_class = Output
    capabilities: ClassVar[list[CapabilitiesEnum]] = offered(Tap)
    # Not before a tap is made, which takes a while: a signal can come meanwhile.
    _streams: dict[str, Stream] | None = None

    @override
    def discover_streams(self) -> Sequence[Stream]:
        """Return the streams, which need neither settings nor the network."""
        return [stream(self) for stream in STREAMS]

    @cached_property
    def shared(self) -> Shared:
        """What the streams have together."""
        return Shared(Settings.of(self.config))

    def note_unfinished(self, line: str) -> None:
        """Let the run end with status 1, once all streams have had their turn.

        Args:
            line: What a stream has left, or why.
        """
        tap = type(self)
        tap.is_unfinished, tap.left = True, line

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check all settings in one go.

        The SDK's own check does not look at addresses, time zones and calls, and its messages
        repeat the values, which can be a key or a phone number.

        Raises:
            ConfigValidationError: When something is wrong and `raise_errors` is set.
        """
        logs.keep_secret(self._config)
        self.append_builtin_config(self.config_jsonschema)
        problems = problems_of(self._config, self.config_jsonschema)
        if problems and raise_errors:
            raise ConfigValidationError(
                "Config validation failed", errors=problems, schema=self.config_jsonschema
            )
        return problems

    @classproperty
    @override
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - a property of the class
        """The settings in the environment, and in the `.env` of the working folder.

        As texts: what they mean is worked out with the settings of files. The SDK ends at the first
        that is no number or no JSON, takes any word but "true" for false, lets `.env` go before the
        environment, looks for it above that folder, too, and sets it for the whole process.
        """
        cls.append_builtin_config(cls.config_jsonschema)
        declared = cls.config_jsonschema["properties"]
        return settings_in_environment(declared, cls._env_var_prefix, cls.logger)

    @override
    def setup_mapper(self) -> None:
        """Set the mapper up once the streams have put right what a catalog says of their keys.

        Raises:
            ConfigValidationError: When the stream maps ask for what cannot be.
        """
        _ = self.streams
        self.mapper = mapper_for(self)

    @override
    def load_state(self, state: dict[str, Any]) -> None:
        """Take over a state, which may have been written by hand or by another tap.

        Raises:
            UnusableInputError: When a part of it is of no use, before any stream begins.
        """
        bookmarks = state.get("bookmarks", None if state else {})
        if not isinstance(bookmarks, dict) or not all(
            isinstance(bookmark, dict) for bookmark in bookmarks.values()
        ):
            raise UnusableInputError(
                ["The state cannot be used: it needs bookmarks, an object a stream"]
            )
        problems = []
        for stream in self.streams.values():
            try:
                bookmark = bookmarks.get(stream.name, {})
                cast("VccStream[Any]", stream).check_state(bookmark)
                check_account(stream.name, bookmark, str(self.config.get("customer")))
            except BadStateError as error:
                problems.append(str(error))
        if problems:
            raise UnusableInputError(problems)
        super().load_state(state)

    @classmethod
    @override
    def invoke(cls, *, about: bool = False, about_format: str | None = None, **kwargs: Any) -> None:
        """Run the tap; what it cannot use ends it with a line, not with a traceback.

        Raises:
            SystemExit: With status 1 also when a stream has left something that it should read.
        """
        cls.is_unfinished = False
        SIGNALS.listen()
        logs.catch_unhandled()  # in place of the SDK's own, which shows the text of an error
        try:
            for name, text_in in (("catalog", catalog_in), ("state", state_in)):
                if (file := kwargs.get(name)) is not None:
                    kwargs[name] = io.StringIO(text_in(file))
            super().invoke(about=about, about_format=about_format, **kwargs)
        except ConfigValidationError as error:
            # Left to the SDK, the last line would be its dump of the schema.
            cls._tell(error)
            raise SystemExit(1) from error
        if cls.is_unfinished:
            # Again, as Meltano's test of a connection shows the last line only.
            cls.logger.info("The run ends with status 1: %s", cls.left)
            raise SystemExit(1)

    @classmethod
    @override
    def cb_config(
        cls: type[TapVCCLive], ctx: click.Context, param: click.Option, value: tuple[str, ...]
    ) -> Any:
        """Read the files of settings; one that is none ends the run with a line."""
        try:
            return ConfigInput(config=config_in(value), parse_env=FROM_ENVIRONMENT in value)
        except UnusableInputError as error:
            cls._tell(error)
            ctx.exit(1)

    @classmethod
    @override
    def cb_test(cls: type[TapVCCLive], ctx: click.Context, param: click.Option, value: str) -> None:
        """Run `--test`; what is wrong is told as in a sync, which the SDK does not do here."""
        cls.is_unfinished = False
        try:
            super().cb_test(ctx, param, value)
        except ConfigValidationError as error:
            cls._tell(error)
            ctx.exit(1)
        except Exit:
            ctx.exit(1 if cls.is_unfinished else 0)

    @classmethod
    def _tell(cls, error: ConfigValidationError) -> None:
        for problem in error.errors:
            cls.logger.error("%s", problem)

    @override
    def _setup_signal_handlers(self) -> None:
        """Have the runs told to stop by a signal, if the process is the command's own.

        The SDK writes the STATE from inside the handler, which can be in the middle of the line of
        another message, and takes the signals of whatever process a tap is made in.
        """
        SIGNALS.tell = partial(self.stop, Stop.SIGNAL)

    def stop(self, why: Stop) -> None:
        """End the run that is under way at its next record, and let no other begin."""
        for stream in (self._streams or {}).values():
            cast("VccStream[Any]", stream).stop(why)
