"""How files are shown wherever a referral or case is read: a title that leads to the file, and what it is."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mace.attachments.enums import GIVEN_OUT, AttachmentKind, FileType, Scan
from mace.attachments.models import Attachment
from mace.attachments.rules import size_words
from mace.core.templatetags.components import short_date

NOT_GIVEN_OUT = {
    Scan.WAITING: "It waits for the virus scan and cannot be opened yet.",
    Scan.FAILED: "The virus scanner could not read it, so it cannot be opened. Attach it again in another format.",
    Scan.INFECTED: "A virus was found in it, so it was removed.",
}


def is_given_out(file: Attachment) -> bool:
    """Whether somebody who sees the file may have it now."""
    return file.removed_at is None and file.scan in GIVEN_OUT


def type_words(file: Attachment) -> str:
    """`PDF, 120 KB`."""
    return f"{FileType(file.type).label}, {size_words(file.size)}"


def link_to(file: Attachment) -> SafeString:
    """The title, leading to the file where it is given out."""
    if not is_given_out(file):
        return format_html("{} ({})", file.title, type_words(file))
    url = reverse("attachments:file", args=[file.reference])
    return format_html('<a class="govuk-link" href="{}">{} ({})</a>', url, file.title, type_words(file))


def scan_words(file: Attachment) -> str:
    """What is to be known of the virus scan; nothing where it was scanned and is clean."""
    if file.scan == Scan.CLEAN:
        return ""
    return NOT_GIVEN_OUT.get(Scan(file.scan), "Not scanned for viruses.")


def file_rows(files: Iterable[Attachment]) -> list[dict[str, object]]:
    """What ``components/summary_list.html`` draws. The files need ``added_by__user``."""
    return [
        {
            "key": AttachmentKind(file.kind).label,
            "value": format_html(
                '{}<br><span class="app-quiet app-small">{}</span>',
                link_to(file),
                f"{file.reference}, added by {file.added_by.user.name}, {short_date(file.added_at)}. "
                f"{scan_words(file)}",
            ),
        }
        for file in files
    ]


def in_its_place(file: Attachment | None, attachment_id: int | None, what: str) -> SafeString | str:
    """What stands where a file was attached instead of something typed; nothing where none was.

    ``file`` is ``None`` where the seat does not see it, although ``attachment_id`` says that there is one.
    """
    if attachment_id is None:
        return ""
    if file is None:
        return f"The {what} is in an attached file."
    if file.removed_at is not None:
        return f"The {what} was in an attached file, which was removed: {file.removed_reason}"
    return format_html("See the attached {}: {}", what, link_to(file))
