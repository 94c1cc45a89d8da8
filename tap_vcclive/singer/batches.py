"""Records in files that BATCH messages name, as they would be in RECORD messages.

The SDK writes into them what a stream yields: without stream maps, selection and flattening, in
files that all can read, and a state that is ahead of them.
"""

from __future__ import annotations

import errno
import os
import sys
from abc import abstractmethod
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from singer_sdk.batch import Batcher
from singer_sdk.mapper import RemoveRecordTransform

from tap_vcclive.singer.sdk import (
    DEFAULT_BATCH_SIZE,
    BaseBatchFileEncoding,
    BatchConfig,
    SDKBatchMessage,
    StorageTarget,
)
from tap_vcclive.singer.stream import SingerStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Context, Record


class PrivateStorage(StorageTarget):
    """A storage whose files and folders only their owner can read, as far as they are local.

    What stands there before stays as open as it is.
    """

    @override
    @contextmanager
    def open(self, filename: str, mode: str = "wb") -> Generator[IO[Any], None, None]:
        """Open a file, which is there as a whole once it is closed, or not at all."""
        path = self._root_path / filename
        with _for_owner_only():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.fs.transaction, path.fs.open(path.path, mode) as file:
                yield file

    def prepare(self) -> None:
        """Make the folder, if there is none, before anything is fetched for it.

        Raises:
            Exception: When that cannot be, of any kind, as a storage can be anywhere.
        """
        folder = self._root_path
        with _for_owner_only():
            folder.mkdir(parents=True, exist_ok=True)
        is_local = folder.protocol in {"", "file", "local"}
        if is_local and not os.access(folder.path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def _for_owner_only() -> Iterator[None]:
    """Let files that the process makes meanwhile be open to nobody else."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


class BatchStream(SingerStream):
    """A stream that can write its records into files.

    Attributes:
        may_write_state: Whether each record so far has been written, or stands in a file that a
            message has named: no STATE may speak of another.
    """

    may_write_state = True
    _mapped: Sequence[Record] = ()
    _ending: BaseException | None = None

    @abstractmethod
    def _write_true_state(self) -> None:
        """Write a STATE, unless none may be written yet."""

    @override
    def get_batch_config(self, config: Mapping[str, Any]) -> BatchConfig | None:
        """Return how batches are written; None when the settings ask for none."""
        raw = config.get("batch_config")
        if not raw:
            return None
        encoding = BaseBatchFileEncoding.from_dict(raw["encoding"])
        if encoding.format == "jsonl":
            encoding.compression = "gzip"  # as the SDK does in any case, also when none is named
        storage = {name: value for name, value in raw["storage"].items() if value is not None}
        size = raw.get("batch_size") or DEFAULT_BATCH_SIZE
        return BatchConfig(encoding, PrivateStorage(**storage), size)

    @override
    def get_batches(
        self, batch_config: BatchConfig, context: Context | None = None
    ) -> Iterator[tuple[BaseBatchFileEncoding, list[str]]]:
        """Yield the encoding and the names of each file, once it is written.

        What ends the stream comes after the file of the records before it.

        Raises:
            SystemExit: When a file cannot be written; whatever else ends the stream.
        """
        batcher = Batcher(self.tap_name, self.name, batch_config)
        with closing(self._records_for_files(context)) as records:
            try:
                cast("PrivateStorage", batch_config.storage).prepare()
                for manifest in batcher.get_batches(records):
                    self.may_write_state = True
                    yield batch_config.encoding, manifest
                    self.may_write_state = False
            except Exception as error:  # of the storage or the encoder: others are kept
                self._tell(error)
                raise SystemExit(1) from error
        self.may_write_state = True
        self._write_true_state()
        if self._ending is not None:
            raise self._ending

    def _records_for_files(self, context: Context | None) -> Generator[Record, None, None]:
        """Yield what is to stand in the files; keep what ends it before its time."""
        with closing(self._sync_records(context, write_messages=False)) as records:
            try:
                for _ in records:
                    yield from self._mapped
            except (Exception, SystemExit) as error:  # noqa: BLE001 - raised once they are written
                self._ending = error

    @override
    def _process_record(
        self,
        record: Record,
        child_context: Context | None = None,
        partition_context: Context | None = None,
    ) -> None:
        """Map a record that goes into a file; here an error is one of the stream's.

        There are no child streams, and no keys of a partition to add.
        """
        if not self.may_write_state:
            self._mapped = [message.record for message in self._generate_record_messages(record)]

    @override
    def _generate_batch_messages(
        self, encoding: BaseBatchFileEncoding, manifest: list[str]
    ) -> Generator[SDKBatchMessage, None, None]:
        """Yield the message that names a file.

        The SDK would name it for outputs, too, that maps leave out.
        """
        for mapping in self.stream_maps:
            if not isinstance(mapping, RemoveRecordTransform):
                yield SDKBatchMessage(mapping.stream_alias, encoding, manifest)

    def _tell(self, error: Exception) -> None:
        """Say that a file cannot be written; the text of a storage's error can be anything."""
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number) if isinstance(number, int) else None
        self.logger.error(
            "The run ends here, as no batch file can be written: %s", reason or type(error).__name__
        )
