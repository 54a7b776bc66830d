"""Files of a referral as people attach them on its pages."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mace.attachments.models import Attachment
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import Case, Referral
from referrals.services import save_section, submit_referral
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.factories.owner import as_owner
from tests.factories.referrals import FILLED
from tests.referrals.doing import LATER


def page(client: Client, name: str, *arguments: str, status: int = 200) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == status
    return answer.content.decode()


def upload(content: bytes = PDF, name: str = "plan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def send(client: Client, referral: Referral, **said: Any) -> Any:
    form = {"kind": "plan", "title": "Our plan", "file": upload()} | said
    return client.post(reverse("referrals:files", args=[referral.reference]), form)


def only_file() -> Attachment:
    with as_owner():
        return Attachment.objects.get()


def saved(cast: Cast, referral: Referral, section: str, **changes: Any) -> bool:
    """The page as it is filled usually, with changes; whether it is complete."""
    seat = cast["practitioner"]
    with acting_as(seat):
        return save_section(
            referral=referral,
            section=section,
            data=FILLED[Section(section)] | changes,
            version=None,
            operation="",
            by=seat,
            at=LATER,
        ).complete


def sent(cast: Cast, referral: Referral) -> Referral:
    seat = cast["practitioner"]
    with acting_as(seat):
        return submit_referral(referral=referral, by=seat, at=LATER)


def referral_again(cast: Cast, case: Case) -> Referral:
    with acting_as(cast["coordinator"]):
        return Referral.objects.select_related("case").get(case=case)


def fetched(cast: Cast, name: str, file: Attachment) -> int:
    return int(cast.client(name).get(reverse("attachments:file", args=[file.reference])).status_code)
