"""What a user asked to hide is neither in a batch file nor in the database."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING

from tests.end_to_end.pipe import Pipe
from tests.runs import entries, log_config_for
from tests.singer.test_catalogs import discovered, metadata_of
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Database


def test_numbers_that_are_hashed_and_columns_that_are_left_out_arrive_nowhere_else(
    tmp_path: Path, database: Database
) -> None:
    files = tmp_path / "files"
    hashed = {"source": "sha256(config['hash_seed'] + source) if source else source"}
    catalog = discovered()
    for entry in catalog["streams"]:
        for name in ("destination", "disposition_comment"):
            metadata_of(entry, ["properties", name])["selected"] = False
    with serving(Options(days=1, calls_per_day=60)) as sandbox:
        config = log_config_for(
            sandbox,
            calls=entries(sandbox),
            stream_maps={"cdr": hashed, "cdr_log": hashed},
            stream_map_config={"hash_seed": "x"},
            batch_config={
                "encoding": {"format": "jsonl"},
                "storage": {"root": f"file://{files}"},
                "batch_size": 25,
            },
        )
        assert Pipe(config, database, tmp_path, catalog).run() == 0
        calls = {call.uuid: call.cdr() for call in sandbox.calls}
    rows = database.rows(
        "SELECT uuid, to_jsonb(cdr) FROM vcclive_sandbox.cdr "
        "UNION ALL SELECT uuid, to_jsonb(cdr_log) FROM vcclive_sandbox.cdr_log"
    )
    packed = [gzip.decompress(file.read_bytes()).decode() for file in files.iterdir()]
    assert len(packed) == 6
    assert len(rows) == 2 * len(calls)
    everything = json.dumps(rows) + "".join(packed)
    for uuid, row in rows:
        source = str(calls[uuid]["source"])
        assert row["source"] == (hashlib.sha256(b"x" + source.encode()).hexdigest())
        assert not {"destination", "disposition_comment"} & row.keys()
        for name in ("source", "destination"):
            number = str(calls[uuid][name])
            assert not number.strip("0") or number not in everything
