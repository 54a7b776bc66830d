"""Small files of each kind that may be attached, and files attached to referrals."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

from mace.attachments.models import Attachment
from mace.core.seat import acting_as
from referrals.models import Referral
from referrals.services.files import attach_file
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
TYPES = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
}


def office(kind: str = "docx", *, parts: dict[str, bytes] | None = None, types: str = "") -> bytes:
    """An Office file as small as it can be; ``parts`` stand beside its main part, ``types`` in its list of types."""
    name, said = MAIN[kind]
    listed = f'<Types><Override PartName="/{name}" ContentType="{TYPES}{said}"/>{types}</Types>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", listed)
        package.writestr(name, "<x/>")
        for part, content in (parts or {}).items():
            package.writestr(part, content)
    return out.getvalue()


def attached(
    cast: Cast,
    referral: Referral,
    *,
    by: str = "practitioner",
    kind: str = "other",
    title: str = "Letter from the school",
    name: str = "letter.pdf",
    content: bytes = PDF,
    operation: str = "",
    at: dt.datetime = MONDAY,
) -> Attachment:
    """A file attached to a referral, as its writer does it."""
    with acting_as(cast[by]):
        return attach_file(
            referral=referral,
            kind=kind,
            title=title,
            name=name,
            content=content,
            operation=operation,
            by=cast[by],
            at=at,
        )
