"""The command `tap-vcclive`, and `python -m tap_vcclive`."""

from __future__ import annotations

import logging

from tap_vcclive import logs
from tap_vcclive.signals import SIGNALS


def main() -> None:
    """Run the command, which takes signals from before its imports until after its last word."""
    SIGNALS.listen()
    logs.install()
    try:
        # A few tenths of a second, in which Ctrl-C would end in a traceback.
        from tap_vcclive.memory import give_back_large_blocks  # noqa: PLC0415
        from tap_vcclive.tap import TapVCCLive  # noqa: PLC0415

        logging.captureWarnings(capture=True)  # the SDK does so too late for `--test`
        give_back_large_blocks()
        TapVCCLive.cli()
    finally:
        SIGNALS.ignore()


if __name__ == "__main__":
    main()
