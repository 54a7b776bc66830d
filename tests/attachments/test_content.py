"""What a file is, by what stands in it; what may not be attached is refused with what to do instead."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from mace.attachments import content
from mace.attachments.content import type_of
from mace.core.errors import RuleBroken
from tests.factories.files import MAIN, PDF, office

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB\x60\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20) + b"\xff\xd9"
HEIC = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + bytes(20)
RTF = rb"{\rtf1\ansi Harmless}"
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42" + bytes(20)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
MAIL = b"Received: from a\r\nFrom: A <a@example.org>\r\nSubject: Hello\r\n there\r\nMessage-ID: <1>\r\n\r\nText"


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (PDF, "pdf"),
        (office("docx"), "docx"),
        (office("xlsx"), "xlsx"),
        (office("pptx"), "pptx"),
        (RTF, "rtf"),
        (JPEG, "jpg"),
        (PNG, "png"),
        (HEIC, "heic"),
        (b"\x00\x00\x00\x14ftypheic\x00\x00\x00\x00heic" + bytes(8), "heic"),
        ("Łukasz said: “no”.\r\n\tThen he left.\n".encode(), "txt"),
        (b"\xef\xbb\xbfWith a mark", "txt"),
        (b"From: the school\nTo whom it may concern", "txt"),
        (b"Note: rang at 9\nFrom: her aunt\n\nShe is safe", "txt"),
    ],
)
def test_a_file_is_what_it_holds(sent: bytes, found: str) -> None:
    assert type_of(sent) == found


def packed(*parts: tuple[str, bytes], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, inside in parts:
            package.writestr(name, inside)
        package.comment = comment
    return out.getvalue()


def declared(sent: bytes, size: int) -> bytes:
    """The same package, whose last part says in the directory that it unpacks to ``size`` bytes."""
    at = sent.rindex(b"PK\x01\x02")
    return sent[: at + 24] + struct.pack("<I", size) + sent[at + 28 :]


def locked(sent: bytes) -> bytes:
    at = sent.rindex(b"PK\x01\x02")
    return sent[: at + 8] + b"\x01\x00" + sent[at + 10 :]


def said_to_have(sent: bytes, *, parts: int | None = None, directory: int | None = None) -> bytes:
    """The same package, with another number of parts or length of directory in its last record."""
    end = bytearray(sent[sent.rindex(b"PK\x05\x06") :])
    if parts is not None:
        end[10:12] = struct.pack("<H", parts)
    if directory is not None:
        end[12:16] = struct.pack("<I", directory)
    return sent[: sent.rindex(b"PK\x05\x06")] + bytes(end)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"MZ\x90\x00\x03", content.UNKNOWN),
        (b"\x7fELF\x02\x01", content.UNKNOWN),
        (MP4, content.UNKNOWN),
        (b"Text with \x00", content.UNKNOWN),
        (b"Text with \x1b[31m", content.UNKNOWN),
        ("Text with \u009f".encode(), content.UNKNOWN),
        ("Grüße".encode("latin-1"), content.NOT_TEXT),
        ("Text".encode("utf-16"), content.NOT_TEXT),
        (b" \r\n\t ", "There is nothing in the file but spaces. Choose another"),
        (MAIL, content.EMAIL),
        (b"MIME-Version: 1.0\nFrom: a@example.org\n\nText", content.EMAIL),
        (b"%PDF-1.7 cut off", content.DAMAGED),
        (PDF.replace(b"/Root", b"/Encrypt 5 0 R /Root"), content.LOCKED),
        (PDF.replace(b"/Root", b"/Encrypt<</Filter /Standard>> /Root"), content.LOCKED),
        (rb"{\rtf1 {\object\objemb{\*\objdata 0105}}}", content.EMBEDDED),
        (PNG[:20], content.DAMAGED),
        (JPEG[:-2], content.DAMAGED),
        (OLE, content.OLD_OFFICE),
        (OLE + "EncryptedPackage".encode("utf-16-le"), content.LOCKED),
        (packed(("a.txt", b"x")), content.UNKNOWN),
        (packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>")), content.UNKNOWN),
        (office("docx").replace(b"word/document.xml", b"word/dacument.xml"), content.UNKNOWN),
        (office(parts={"word/vbaProject.bin": b"x"}), content.MACROS),
        (office(parts={"word/VBAPROJECT.BIN": b"x"}), content.MACROS),
        (
            office(types='<Default ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'),
            content.MACROS,
        ),
        (office(types='<Default ContentType="application/vnd.ms-office.vbaProject"/>'), content.MACROS),
        (office()[:-30], content.DAMAGED),
        (b"PK\x03\x04" + bytes(100), content.DAMAGED),
        (locked(office()), content.LOCKED),
        (declared(office(), 200 * 1024 * 1024), content.BOMB),
        (office(parts={f"p{number}": b"" for number in range(2000)}), content.BOMB),
        (said_to_have(office(), parts=2001), content.BOMB),
        (said_to_have(office(), directory=1024 * 1024 + 1), content.BOMB),
        (packed(("[Content_Types].xml", bytes(1024 * 1024 + 1)), ("word/document.xml", b"")), content.BOMB),
    ],
)
def test_what_may_not_be_attached_is_refused_with_what_to_do(sent: bytes, words: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        type_of(sent)
    assert (refused.value.message, refused.value.field) == (words, "file")


def test_what_is_just_within_the_bounds_is_taken() -> None:
    rest = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(office())).infolist()[:-1])
    assert type_of(declared(office(), 200 * 1024 * 1024 - rest)) == "docx"
    assert type_of(office(parts={f"p{number}": b"" for number in range(1998)})) == "docx"
    assert type_of(office() + b"") == "docx"
    assert set(MAIN) == {"docx", "xlsx", "pptx"}


def test_a_directory_that_lies_about_its_length_is_damaged() -> None:
    """Nothing of it is believed: a package of a later kind, or one that is cut, is not looked into."""
    sent = office()
    at = sent.rindex(b"PK\x05\x06")
    with pytest.raises(RuleBroken, match="damaged"):
        type_of(sent[:at] + b"PK\x06\x07" + bytes(16) + sent[at:])
    with pytest.raises(RuleBroken, match="damaged"):
        type_of(said_to_have(sent, directory=4))


def test_a_directory_with_more_parts_than_it_admits_is_counted() -> None:
    sent = said_to_have(office(parts={f"p{number}": b"" for number in range(2000)}), parts=3)
    with pytest.raises(RuleBroken, match="unpacks to more"):
        type_of(sent)
