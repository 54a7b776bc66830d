"""A file is given out to whoever sees its referral or case in full, and to nobody else, by its reference only."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mace.attachments.models import Attachment
from mace.core.seat import acting_as
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.factories.referrals import draft_referral


def test_what_is_attached_comes_back_as_it_was(cast: Cast) -> None:
    draft = draft_referral(cast)
    client = cast.client("practitioner")
    upload = SimpleUploadedFile("Tamika Brightwater plan.pdf", PDF, content_type="text/html")
    sent = {"kind": "plan", "title": "Our plan", "file": upload}
    answer = client.post(reverse("referrals:files", args=[draft.reference]), sent)
    assert answer.status_code == 302
    with acting_as(cast["practitioner"]):
        file = Attachment.objects.get()
    assert (file.name, file.type, file.size, file.scan) == (
        "Tamika Brightwater plan.pdf",
        "pdf",
        len(PDF),
        "not_scanned",
    )
    given = client.get(reverse("attachments:file", args=[file.reference]))
    assert given.content == PDF
    assert given.headers["Content-Disposition"] == f'attachment; filename="{file.reference}.pdf"'
    assert given.headers["Content-Type"] == "application/pdf"
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert given.headers["Cache-Control"] == "no-store"
