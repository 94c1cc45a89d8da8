"""The SDK's standard tap tests, over every stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_vcclive.tap import TapVCCLive
from tests.catalogs import STREAMS, selecting
from vcclive_sandbox.calls import Calls
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

# Fields that no call of the sample has are null, as they may be.
pytestmark = pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")

OPTIONS = Options(days=1, calls_per_day=50)
CONFIG: dict[str, Any] = {
    "customer": OPTIONS.customer,
    "api_key": OPTIONS.api_key,
    "api_url": "http://127.0.0.1:1/v2",  # until the sandbox runs, as tests are collected before
    "calls": [{"uuid": c.uuid, "year": c.year, "month": c.month} for c in Calls(OPTIONS)],
    "start_date": OPTIONS.first_day.isoformat(),
    "end_date": OPTIONS.first_day.isoformat(),
}


@pytest.fixture(scope="module", autouse=True)
def sandbox() -> Iterator[None]:
    """A sandbox, at the address that the class below finds in its settings."""
    with serving(OPTIONS) as running:
        CONFIG["api_url"] = running.api_url
        yield


TestTapVCCLive = get_tap_test_class(
    tap_class=TapVCCLive,
    config=CONFIG,
    suite_config=SuiteConfig(max_records_limit=50),
    catalog=selecting(STREAMS),
    # Else a .env above the working folder would have a say.
    parse_env_config=False,
)
