"""A file given out to whoever may see it, each time checked and put on record."""

from __future__ import annotations

import logging

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.attachments import vault
from mace.attachments.rules import CONTENT_TYPE
from mace.attachments.selectors import attachment_by_reference, content_of
from mace.attachments.showing import is_given_out, scan_words
from mace.audit.models import ReadKind

LOG = logging.getLogger(__name__)
ALONE = "sandbox; default-src 'none'"
"""Should a browser open it after all, nothing in it runs, and nothing is fetched."""


@requires(Capability.READ_CASES)
@require_safe
def file(request: SeatRequest, reference: str) -> HttpResponse:
    """The bytes, to be saved under the reference: the name it came with is nobody's business but the referral's."""
    found = attachment_by_reference(reference)
    if not is_given_out(found):
        shown(request, "file that is held back", record_id=found.record_id, reference=reference)
        return _held_back(request, scan_words(found), status=409)
    try:
        content = content_of(found)
    except vault.Unreadable:
        LOG.error("file %s cannot be read", found.reference)  # noqa: TRY400 (places are no matter)
        shown(request, "file that is held back", record_id=found.record_id, reference=reference)
        words = "It cannot be read where it is kept. Tell whoever runs this service, and give them this reference."
        return _held_back(request, words, status=503)
    shown(request, "file", record_id=found.record_id, reference=reference, kind=ReadKind.FILE)
    answer = HttpResponse(content, content_type=CONTENT_TYPE[found.type])
    answer["Content-Disposition"] = f'attachment; filename="{found.reference}.{found.type}"'
    answer["Content-Security-Policy"] = ALONE
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


def _held_back(request: SeatRequest, words: str, *, status: int) -> HttpResponse:
    return render(request, "attachments/held_back.html", {"words": words}, status=status)
