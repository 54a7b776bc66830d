"""Where the bytes of files lie: outside the web root, encrypted, under random names that only the database gives out.

A folder for each partnership, below it two folders by the first letters of the random id, then the file. It is written
under another name, forced to disk and renamed, so that a file that has its name is whole. It begins with a header that
names the key; the rest is AES-256-GCM under a key of the file's own, derived (HKDF) from the installation's and the
file's id. Header, id and the reference that it belongs to are authenticated: a file swapped for another does not open.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = b"MACEFILE1\n"
KEY_ID, NONCE, TAG = 8, 12, 16
HEADER = len(MARK) + KEY_ID + NONCE
PIECE = 1024 * 1024
UNFINISHED = ".part"


class Unreadable(Exception):
    """A file that should be there is missing, damaged, swapped for another, or its key is not known any more."""


def _key_id(key: bytes) -> bytes:
    return _derived(key, b"mace.attachments key id", KEY_ID)


def _derived(key: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose).derive(key)


def _file_key(key: bytes, file: uuid.UUID) -> bytes:
    return _derived(key, b"mace.attachments file " + file.bytes, 32)


def folder_of(partnership_id: int) -> Path:
    return Path(settings.FILES_DIR) / str(partnership_id)


def place_of(partnership_id: int, file: uuid.UUID) -> Path:
    """Where a file lies."""
    name = file.hex
    return folder_of(partnership_id) / name[:2] / name[2:4] / name


def put(content: bytes, *, partnership_id: int, file: uuid.UUID, owner: str) -> None:
    """Write a file; once this returns it is on disk. ``owner`` is the reference that it opens for."""
    place = place_of(partnership_id, file)
    _make_folders(place)
    key, nonce = settings.FILES_KEYS[0], secrets.token_bytes(NONCE)
    header = MARK + _key_id(key) + nonce
    cipher = Cipher(AES(_file_key(key, file)), GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(_bound(header, file, owner))
    unfinished = place.with_name(f"{place.name}-{secrets.token_hex(4)}{UNFINISHED}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(header)
            for piece in _pieces(content):
                out.write(cipher.update(piece))
            out.write(cipher.finalize() + cipher.tag)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(place)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    _settle(place.parent)


def _make_folders(place: Path) -> None:
    """The folders above a file, for nobody but the program itself."""
    for folder in reversed(place.parents[:4]):
        try:
            folder.mkdir(mode=0o700, parents=folder == place.parents[3])
        except FileExistsError:
            continue
        _settle(folder.parent)


def _settle(folder: Path) -> None:
    """Force to disk what stands in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pieces(content: bytes) -> Iterator[memoryview]:
    view = memoryview(content)
    for start in range(0, len(view), PIECE):
        yield view[start : start + PIECE]


def _bound(header: bytes, file: uuid.UUID, owner: str) -> bytes:
    return header + file.bytes + owner.encode()


def get(*, partnership_id: int, file: uuid.UUID, owner: str, size: int, sha256: str) -> bytes:
    """The bytes as they were given, all of them checked. Raises ``Unreadable``."""
    try:
        with place_of(partnership_id, file).open("rb") as stored:
            content = _opened(stored.read(HEADER), stored, file, owner, size)
    except (OSError, InvalidTag) as fault:
        raise Unreadable("the file cannot be read") from fault
    if len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
        raise Unreadable("the file is not the one that was kept")
    return content


def _opened(header: bytes, stored: io.BufferedReader, file: uuid.UUID, owner: str, size: int) -> bytes:
    named = header[len(MARK) : len(MARK) + KEY_ID]
    key = next((key for key in settings.FILES_KEYS if _key_id(key) == named), None)
    if len(header) != HEADER or not header.startswith(MARK) or key is None:
        raise Unreadable("the file’s header is not known")
    length = os.fstat(stored.fileno()).st_size - HEADER - TAG
    if length != size:
        raise Unreadable("the file’s length is not what it was")
    cipher = Cipher(AES(_file_key(key, file)), GCM(header[-NONCE:])).decryptor()
    cipher.authenticate_additional_data(_bound(header, file, owner))
    content = bytearray()
    while left := length - len(content):
        piece = stored.read(min(PIECE, left))
        if not piece:
            raise Unreadable("the file ends too soon")
        content += cipher.update(piece)
    content += cipher.finalize_with_tag(stored.read(TAG))
    return bytes(content)


def discard(*, partnership_id: int, file: uuid.UUID) -> None:
    """Remove a file, if it is there."""
    place_of(partnership_id, file).unlink(missing_ok=True)


def older_files(partnership_id: int, *, seconds: float) -> Iterator[tuple[Path, uuid.UUID | None]]:
    """Every file of a partnership that is older than that, with its id; none where it was never finished.

    In real time, whatever the demonstration's clock says.
    """
    before = time.time() - seconds
    for path in folder_of(partnership_id).glob("??/??/*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                yield path, _id_of(path)


def _id_of(path: Path) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=path.name) if path.suffix != UNFINISHED else None
    except ValueError:
        return None
