"""Asking a virus scanner over its own protocol, and what happens when it is slow, hangs up, or is not there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mace.attachments.clamd import PIECE, Unreachable, Verdict, scan
from tests.attachments.scanner import EICAR, Clamd

LONG = bytes(range(256)) * 2000


def test_a_clean_file_goes_over_whole_by_unix_socket_and_by_tcp(tmp_path: Path) -> None:
    assert len(LONG) > 7 * PIECE
    for path in (tmp_path / "clamd.sock", None):
        with Clamd(path) as daemon:
            assert scan(LONG, daemon.address, seconds=5) is Verdict.CLEAN
            assert daemon.heard == LONG


def test_a_virus_is_found() -> None:
    with Clamd() as daemon:
        assert scan(b"%PDF-1.7 " + EICAR, daemon.address, seconds=5) is Verdict.INFECTED


def test_a_daemon_that_cannot_scan_the_file_is_no_word_of_cleanness() -> None:
    with Clamd(how="small") as daemon:
        assert scan(b"x" * 200_000, daemon.address, seconds=5) is Verdict.FAILED


@pytest.mark.parametrize("how", ["drop", "garbled"])
def test_a_daemon_that_hangs_up_has_not_answered(how: str) -> None:
    with Clamd(how=how) as daemon, pytest.raises(Unreachable):
        scan(LONG, daemon.address, seconds=5)


def test_a_daemon_that_is_silent_is_not_waited_for() -> None:
    with Clamd(how="silent") as daemon:
        began = time.monotonic()
        with pytest.raises(Unreachable):
            scan(LONG, daemon.address, seconds=0.3)
        assert time.monotonic() - began < 3


def test_a_daemon_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with Clamd() as daemon:
        gone = daemon.address
    for address in (gone, str(tmp_path / "nothing.sock")):
        with pytest.raises(Unreachable):
            scan(b"x", address, seconds=1)
