"""Bytes at rest: encrypted, bound to their row, written whole or not at all, readable by keys that came before."""

from __future__ import annotations

import hashlib
import os
import stat
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from mace.attachments import vault as vault_

OLD, NEW = bytes(range(100, 132)), bytes(range(150, 182))
TEXT = b"Tamika said it to nobody else. " * 40_000
FILE = uuid.UUID("12345678123456781234567812345678")


def put(content: bytes = TEXT, *, file: uuid.UUID = FILE, owner: str = "T-1", partnership: int = 7) -> Path:
    vault_.put(content, partnership_id=partnership, file=file, owner=owner)
    return vault_.place_of(partnership, file)


def got(content: bytes = TEXT, *, file: uuid.UUID = FILE, owner: str = "T-1", **more: Any) -> bytes:
    said: dict[str, Any] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return vault_.get(partnership_id=7, file=file, owner=owner, **said | more)


def test_what_is_put_is_got_and_lies_encrypted_for_its_owner_alone(vault: Path) -> None:
    path = put()
    assert got() == TEXT
    assert path == vault / "7" / "12" / "34" / FILE.hex
    stored = path.read_bytes()
    assert b"Tamika" not in stored
    assert len(stored) == len(TEXT) + vault_.HEADER + vault_.TAG
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in path.parents[:4]} == {0o700}
    assert [child.name for child in path.parent.iterdir()] == [FILE.hex]
    again = put(file=uuid.uuid4()).read_bytes()
    assert again[vault_.HEADER :] != stored[vault_.HEADER :]


def test_a_small_file_and_one_of_whole_pieces_come_back(vault: Path) -> None:
    for content in (b"x", bytes(vault_.PIECE), bytes(2 * vault_.PIECE + 1)):
        put(content)
        assert got(content) == content


@pytest.mark.parametrize("at", [0, len(vault_.MARK), vault_.HEADER - 1, vault_.HEADER, -1])
def test_a_byte_that_changed_anywhere_is_noticed(vault: Path, at: int) -> None:
    path = put()
    stored = bytearray(path.read_bytes())
    stored[at] ^= 1
    path.write_bytes(stored)
    with pytest.raises(vault_.Unreadable):
        got()


def test_a_file_that_is_not_there_or_was_cut_is_noticed(vault: Path) -> None:
    with pytest.raises(vault_.Unreadable):
        got()
    path = put()
    for length in (0, 5, vault_.HEADER, len(TEXT)):
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(vault_.Unreadable):
            got()


def test_files_that_were_swapped_are_refused(vault: Path) -> None:
    other = uuid.uuid4()
    first, second = put(), put(TEXT, file=other, owner="T-2")
    first_bytes, second_bytes = first.read_bytes(), second.read_bytes()
    first.write_bytes(second_bytes)
    second.write_bytes(first_bytes)
    for file, owner in ((FILE, "T-1"), (other, "T-2"), (FILE, "T-2")):
        with pytest.raises(vault_.Unreadable):
            got(file=file, owner=owner)


def test_a_row_that_names_another_file_or_says_another_digest_is_refused(vault: Path) -> None:
    put()
    assert got() == TEXT
    for more in ({"owner": "T-2"}, {"sha256": "0" * 64}, {"size": len(TEXT) - 1}):
        with pytest.raises(vault_.Unreadable):
            got(**more)


def test_the_first_key_writes_and_all_of_them_read(vault: Path, settings: Any) -> None:
    settings.FILES_KEYS = (OLD,)
    put()
    settings.FILES_KEYS = (NEW, OLD)
    assert got() == TEXT
    newer = uuid.uuid4()
    put(file=newer)
    settings.FILES_KEYS = (NEW,)
    assert got(file=newer) == TEXT
    with pytest.raises(vault_.Unreadable, match="header is not known"):
        got()


def test_a_write_that_fails_leaves_nothing(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        put()
    assert [path for path in vault.rglob("*") if path.is_file()] == []


def test_what_is_discarded_is_gone_and_discarding_it_again_does_nothing(vault: Path) -> None:
    path = put()
    for _ in range(2):
        vault_.discard(partnership_id=7, file=FILE)
        assert not path.exists()


def test_older_files_are_those_of_the_partnership_and_unfinished_ones_have_no_id(vault: Path) -> None:
    path, young, elsewhere = put(), put(file=uuid.uuid4()), put(partnership=8, file=uuid.uuid4())
    unfinished = path.with_name(f"{FILE.hex}-0011{vault_.UNFINISHED}")
    unfinished.write_bytes(b"x")
    then = time.time() - 3601
    for old in (path, unfinished, elsewhere):
        os.utime(old, (then, then))
    assert sorted(vault_.older_files(7, seconds=3600)) == [(path, FILE), (unfinished, None)]
    assert young.exists()
    assert list(vault_.older_files(9, seconds=0)) == []
