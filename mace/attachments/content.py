"""What a file is, found by looking into it: neither its name nor what the browser says is believed.

Nothing is unpacked but the short list of parts of an Office file, and that no further than it may be long.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Callable

from mace.attachments.enums import FileType
from mace.core.errors import RuleBroken

WHAT_MAY = (
    "a PDF, a Word, Excel or PowerPoint file (.docx, .xlsx, .pptx), RTF, plain text, or a JPEG, PNG or HEIC picture"
)
UNKNOWN = f"This kind of file cannot be attached. Attach {WHAT_MAY}"
DAMAGED = "The file cannot be read: it seems damaged or incomplete. Open it, save it anew, and attach that"
LOCKED = "The file is protected by a password. Save a copy without the password and attach that"
MACROS = "The file has macros, which may not be attached. Save it without macros (.docx, .xlsx or .pptx), or as a PDF"
OLD_OFFICE = "This is an older Office file or an Outlook message. Save it as .docx, .xlsx, .pptx or PDF and attach that"
EMAIL = "This is an e-mail. Save it as a PDF and attach that"
EMBEDDED = "The file has another file inside it. Save it as a PDF and attach that"
BOMB = "The file unpacks to more than can be looked through. Save it as a PDF and attach that"
NOT_TEXT = f"This text is not in UTF-8. Save it anew with the encoding UTF-8, or attach {WHAT_MAY}"

MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes that an Office file may declare to unpack to."""
MOST_PARTS = 2000
PIECE, BEGINNING = 1024 * 1024, 20_000
MOST_DIRECTORY = 1024 * 1024
MOST_LISTED = 1024 * 1024
"""Bytes of an Office file's directory, and of its list of parts."""
DIRECTORY_END, DIRECTORY_END_64 = b"PK\x05\x06", b"PK\x06\x07"
DIRECTORY_END_SIZE, LOCATOR_SIZE, MOST_COMMENT = 22, 20, 65_535
PARTS_LISTED = "[Content_Types].xml"
MAIN_PARTS = (
    ("word/document.xml", b"wordprocessingml.document.main+xml", FileType.DOCX),
    ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml", FileType.XLSX),
    ("ppt/presentation.xml", b"presentationml.presentation.main+xml", FileType.PPTX),
)
OLE, ENCRYPTED_PACKAGE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "EncryptedPackage".encode("utf-16-le")
PDF_LOCKED = re.compile(rb"/Encrypt(\s+\d+\s+\d+\s+R\b|\s*<<)")
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):|[ \t]")
OF_EMAIL = frozenset({"message-id", "mime-version", "received", "return-path", "x-mailer"})


def type_of(content: bytes) -> FileType:
    """What the file is. Raises ``RuleBroken`` with what to do instead for what may not be attached."""
    looked_into = next((look for begins, look in _BEGINNINGS if content.startswith(begins)), None)
    if looked_into is not None:
        return looked_into(content)
    return _heic(content) if content[4:8] == b"ftyp" else _text(content)


def _refused(sentence: str) -> RuleBroken:
    return RuleBroken(sentence, field="file")


def _pdf(content: bytes) -> FileType:
    if b"%%EOF" not in content:
        raise _refused(DAMAGED)
    if PDF_LOCKED.search(content):
        raise _refused(LOCKED)
    return FileType.PDF


def _rtf(content: bytes) -> FileType:
    if b"\\objdata" in content or b"\\objemb" in content:
        raise _refused(EMBEDDED)
    return FileType.RTF


def _heic(content: bytes) -> FileType:
    """The first box names the brands: the main one, a version, then those it is compatible with."""
    box = content[8 : max(16, min(int.from_bytes(content[:4], "big"), 256))]
    brands = {box[:4], *(box[at : at + 4] for at in range(8, len(box) - 3, 4))}
    if not brands & HEIC_BRANDS:
        raise _refused(UNKNOWN)
    return FileType.HEIC


def _text(content: bytes) -> FileType:
    """In pieces: with one rare letter in it a whole text would need four times its size."""
    decoder, blank = codecs.getincrementaldecoder("utf-8-sig")(), True
    try:
        for start in range(0, len(content), PIECE):
            text = decoder.decode(content[start : start + PIECE], final=start + PIECE >= len(content))
            if CONTROL.search(text):
                raise _refused(UNKNOWN)
            blank = blank and not text.strip()
    except UnicodeDecodeError:
        raise _refused(NOT_TEXT if _looks_like_text(content[:4096]) else UNKNOWN) from None
    if blank:
        raise _refused("There is nothing in the file but spaces. Choose another")
    if _is_email(content[:BEGINNING].decode("utf-8-sig", "ignore")):
        raise _refused(EMAIL)
    return FileType.TXT


def _looks_like_text(begins: bytes) -> bool:
    """Of another encoding: no control characters, or the mark that UTF-16 begins with."""
    return begins[:2] in {b"\xff\xfe", b"\xfe\xff"} or not any(byte < 9 or 13 < byte < 32 for byte in begins)


def _is_email(text: str) -> bool:
    """It begins with the header of a message: nothing but fields, one of which only messages have."""
    names = set()
    for line in text.lstrip().splitlines()[:100]:
        if not line.strip():
            break
        found = HEADER.match(line)
        if found is None:
            return False
        names.add((found[1] or "").lower())
    return "from" in names and bool(names & OF_EMAIL)


def _office(content: bytes) -> FileType:
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _office_type(package)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError):
        raise _refused(DAMAGED) from None


def _check_directory(content: bytes) -> None:
    """Before the directory is read: where it ends, how long it says it is, and how many parts it says there are."""
    end = content.rfind(DIRECTORY_END, max(0, len(content) - DIRECTORY_END_SIZE - MOST_COMMENT))
    if end < 0 or len(content) < end + DIRECTORY_END_SIZE:
        raise _refused(DAMAGED)
    if content[max(0, end - LOCATOR_SIZE) : end].startswith(DIRECTORY_END_64):
        raise _refused(DAMAGED)
    parts, length = int.from_bytes(content[end + 10 : end + 12], "little"), content[end + 12 : end + 16]
    if parts > MOST_PARTS or int.from_bytes(length, "little") > MOST_DIRECTORY:
        raise _refused(BOMB)


def _office_type(package: zipfile.ZipFile) -> FileType:
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _refused(BOMB)
    if any(part.flag_bits & 1 for part in parts):
        raise _refused(LOCKED)
    names = {part.filename for part in parts}
    if PARTS_LISTED not in names:
        raise _refused(UNKNOWN)
    with package.open(PARTS_LISTED) as file:
        listed = file.read(MOST_LISTED + 1)
    if len(listed) > MOST_LISTED:
        raise _refused(BOMB)
    low = listed.lower()
    if b"macroenabled" in low or b"vbaproject" in low or any("vbaproject" in name.lower() for name in names):
        raise _refused(MACROS)
    for name, said, found in MAIN_PARTS:
        if name in names and said in listed:
            return found
    raise _refused(UNKNOWN)


def _png(content: bytes) -> FileType:
    if content[12:16] != b"IHDR" or b"IEND" not in content[-64:]:
        raise _refused(DAMAGED)
    return FileType.PNG


def _jpeg(content: bytes) -> FileType:
    if b"\xff\xd9" not in content:
        raise _refused(DAMAGED)
    return FileType.JPEG


def _older_office(content: bytes) -> FileType:
    raise _refused(LOCKED if ENCRYPTED_PACKAGE in content else OLD_OFFICE)


_BEGINNINGS: tuple[tuple[bytes, Callable[[bytes], FileType]], ...] = (
    (b"%PDF-", _pdf),
    (b"PK\x03\x04", _office),
    (b"{\\rtf", _rtf),
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (OLE, _older_office),
)
