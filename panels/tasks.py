"""What the worker does for the panels. Ids come in; everything else is read again, in the seat it is for."""

from __future__ import annotations

from celery import shared_task

import panels.chasing_tasks  # noqa: F401 (the worker looks for tasks here)
from mace.accounts.selectors import seat_by_membership
from mace.core import clock
from mace.core.seat import acting_as
from panels.services.documents import PdfUnavailable
from panels.services.documents import make_document as make


@shared_task(name="panels.tasks.make_document")
def make_document(*, membership_id: int, document_id: str) -> bool:
    """Make the minutes that a seat asked for, acting for that seat. Safe to run twice, to die anywhere, to come late.

    Both ids are needed, because outside the seat the document cannot be seen at all.
    """
    seat = seat_by_membership(membership_id, on=clock.today())
    if seat is None:
        return False
    with acting_as(seat):
        return make(document_id=document_id, render=render_pdf, by=seat, at=clock.now())


def render_pdf(page: str) -> bytes:
    """The page as a tagged PDF (PDF/UA-1) that fetches nothing. Raises ``PdfUnavailable`` where Pango is missing."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 (loads Pango from the system, which may not be there)
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except OSError as missing:
        raise PdfUnavailable from missing
    fetcher = URLFetcher(allowed_protocols=("data",))
    return bytes(HTML(string=page, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1"))
