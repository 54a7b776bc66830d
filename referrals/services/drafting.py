"""Writing a referral: started, saved page by page, submitted, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse

from mace.access.models import Kind, Scope
from mace.access.policy import SHARES_WITH_ANYBODY, Capability, require
from mace.access.services import open_record, share
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import AgencyKind
from mace.attachments.enums import AttachmentKind
from mace.attachments.selectors import files_of
from mace.attachments.showing import type_words
from mace.core.clock import london_date
from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.enums import About, ReferralStatus, Section
from referrals.models import DraftSection, Referral
from referrals.rules import is_child
from referrals.sections import OPTIONAL, SECTIONS_OF, Asked, SectionForm
from referrals.sections.base import AttachedFile
from referrals.sections.child import PROTECT
from referrals.sections.situation import born_in
from referrals.selectors.addresses import address_is_protected
from referrals.selectors.codes import practised
from referrals.services.addresses import keep_protected
from referrals.services.elsewhere import look_elsewhere_later
from referrals.services.locking import locked_referral
from referrals.services.telling import tell, tell_coordinators
from referrals.services.writing import write_matter, write_parts
from referrals.transitions import EDITABLE, check_referral

STANDS_IN = (AttachmentKind.ASSESSMENT, AttachmentKind.PLAN)
"""Files of these kinds may stand in place of what is typed."""


@transaction.atomic
def start_referral(*, by: Seat, at: dt.datetime, operation: str = "", about: str = About.CHILD) -> Referral:
    """Open a draft that only its writer sees, of a child or of what else is referred. Any number may be open at a time.

    A second call with the same ``operation`` answers the first one's draft. Writes a record with the seat's grant, and
    the referral.
    """
    require(by, Capability.FILE_REFERRAL)
    if operation:
        known = Referral.objects.filter(written_by_principal=by.principal, operation=operation).first()
        if known is not None:
            return known
    return Referral.objects.create(
        record_id=open_record(kind=Kind.REFERRAL, at=at),
        partnership_id=by.partnership_id,
        referrer_id=by.membership_id,
        written_by_principal=by.principal,
        agency_id=by.agency_id,
        team_id=by.team_id,
        created_at=at,
        operation=operation,
        about=About(about),
    )


def may_write(referral: Referral, by: Seat) -> bool:
    """The referrer, and the manager of the referrer's team."""
    return referral.written_by_principal == by.principal or (
        by.role == Role.MANAGER and by.team_id is not None and by.team_id == referral.team_id
    )


def _require_writer(referral: Referral, by: Seat) -> None:
    require(by, Capability.FILE_REFERRAL)
    if not may_write(referral, by):
        raise NotAllowed(Capability.FILE_REFERRAL)


def asked_for(referral: Referral, at: dt.datetime, section: str = "") -> Asked:
    """What the pages of this referral, or the one named, must know besides what was typed."""
    sent = referral.submitted_at is not None and referral.child_id is not None
    born = _born(referral) if section in ("", Section.TOLD) else None
    return Asked(
        on=london_date(at),
        child_id=referral.child_id if referral.made_child else None,
        address_kept=sent and address_is_protected(referral.child_id or 0),
        about=referral.about,
        tight=referral.about != About.CHILD and _sees_tight(referral),
        adult=born is not None and not is_child(born, london_date(at)),
        files=tuple(
            AttachedFile(file.pk, file.reference, file.kind, f"{file.title} ({type_words(file)})")
            for file in files_of(referral.record_id, kinds=STANDS_IN)
        ),
    )


def _sees_tight(referral: Referral) -> bool:
    """Whether its writer, and so the writer's team, may keep the referral to the police and coordinators."""
    return referral.referrer.role in SHARES_WITH_ANYBODY or referral.agency.kind == AgencyKind.POLICE


def _born(referral: Referral) -> dt.date | None:
    child = DraftSection.objects.filter(referral=referral, section=Section.CHILD).values_list("data", flat=True).first()
    return born_in(child or {})


def protects_address(typed: Mapping[str, Any]) -> bool:
    """Whether a page of the child, as typed, holds an address that is for named people only."""
    return PROTECT in typed.get("address_protected", []) and bool(typed.get("address"))


def _without_address(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The page of the child as a draft may say it once others read the referral: not where a hidden child lives."""
    return {**typed, "address": "", "address_reason": ""}


@transaction.atomic
def save_section(
    *,
    referral: Referral,
    section: str,
    data: Mapping[str, Any],
    version: int | None,
    operation: str,
    by: Seat,
    at: dt.datetime,
) -> DraftSection:
    """Keep one page as it was typed, valid or not; ``complete`` says whether it passes its form.

    ``version`` is the one the page was made from, 0 for a page never saved, ``None`` to save whatever stands there. A
    retry of the same ``operation`` with the same content changes nothing. Raises ``Conflict`` with what stands when
    somebody else saved in between. Writes no history: that begins when the referral is submitted. Once it was,
    others read the drafts too, so an address that must be protected goes to its own record at once.
    """
    locked = locked_referral(referral)
    _require_writer(locked, by)
    if locked.status not in EDITABLE:
        raise RuleBroken("This referral can no longer be changed: it was sent")
    form_class = SECTIONS_OF[locked.about].get(section)
    if form_class is None:
        raise RuleBroken("A referral about this has no such page")
    typed = form_class.read(data)
    if section == Section.CHILD and locked.submitted_at is not None and protects_address(typed):
        keep_protected(
            referral=locked,
            address=str(typed["address"]),
            reason=str(typed["address_reason"]) or "Said in the referral",
            since_on=london_date(at),
            by=by,
            at=at,
        )
        typed = _without_address(typed)
    stored = DraftSection.objects.select_for_update().filter(referral=locked, section=section).first()
    standing = stored.version if stored else 0
    if stored is not None:
        mine = bool(operation) and stored.operation == operation
        if mine and stored.data == typed:
            return stored
        if not mine and version is not None and version != standing and stored.data != typed:
            raise Conflict(version=standing, theirs=stored.data)
    row = stored or DraftSection(record_id=locked.record_id, referral=locked, section=section)
    row.data = typed
    row.complete = form_class(typed, asked=asked_for(locked, at, section)).is_valid()
    row.version = standing + 1
    row.operation = operation
    row.saved_at = at
    row.saved_by_id = by.membership_id
    row.save()
    return row


def checked_sections(referral: Referral, at: dt.datetime) -> dict[str, SectionForm]:
    """Every page of the draft with its form, judged now. Raises ``RuleBroken`` naming the first one not complete."""
    asked = asked_for(referral, at)
    drafts = {row.section: row.data for row in referral.sections.all()}
    forms: dict[str, SectionForm] = {}
    for section, form_class in SECTIONS_OF[referral.about].items():
        if section in OPTIONAL and section not in drafts:
            continue
        forms[section] = form = form_class(drafts.get(section, {}), asked=asked)
        if not form.is_valid():
            raise RuleBroken(
                f"‘{Section(section).label}’ is not complete. Open that page to see what is missing.", field=section
            )
    return forms


@transaction.atomic
def submit_referral(*, referral: Referral, by: Seat, at: dt.datetime) -> Referral:
    """Send the referral to the coordinators. A second call finds it sent and changes nothing.

    Where the partnership wants it, a manager of the writer's team has it first, and the coordinators see nothing of it
    before ``approve_referral``; a team without a manager sends at once.

    Judges every page again; makes the child's record or links the one that was chosen; writes concern, prerequisites,
    told and consent, voice, assessment and plan from the pages (anew where they changed after a return); shares all
    of it in full with the team's manager and the partnership's coordinators; tells the coordinators; lets the worker
    look whether another partnership may know the child. A protected address leaves the draft before. What is about no
    child is written as one ``Matter``, and is handled from then on as it says. Raises ``RuleBroken`` naming the page
    that is not complete.
    """
    locked = locked_referral(referral)
    _require_writer(locked, by)
    if locked.status in (ReferralStatus.SUBMITTED, ReferralStatus.WITH_MANAGER):
        return locked
    managers = managers_to_ask(locked, by=by, at=at)
    check_referral(locked.status, ReferralStatus.WITH_MANAGER if managers else ReferralStatus.SUBMITTED)
    forms = checked_sections(locked, at)
    before = locked.submitted_at
    drafts = locked.sections.all()
    changed = {row.section for row in drafts if before is None or row.saved_at > before}
    if locked.about == About.CHILD:
        write_parts(referral=locked, forms=forms, changed=changed, by=by, at=at)
    else:
        write_matter(referral=locked, forms=forms, by=by)
    for child_page in drafts:
        if child_page.section == Section.CHILD and protects_address(child_page.data):
            child_page.data = _without_address(child_page.data)
            child_page.save(update_fields=["data"])
    locked.submitted_at = at
    if by.team_principal is not None:
        share(record_id=locked.record_id, principal=by.team_principal, scope=Scope.FULL)
    if managers:
        _ask_managers(locked, managers, by=by, at=at)
        return locked
    if by.role == Role.MANAGER:
        locked.approved_by_id, locked.approved_at = by.membership_id, at
    to_coordinators(locked, again=before is not None, by=by, at=at)
    return locked


def managers_to_ask(referral: Referral, *, by: Seat, at: dt.datetime) -> list[Membership]:
    """Who approves the referral before the coordinators get it; nobody where the partnership does not want that."""
    if by.role == Role.MANAGER or not practised("manager_approves") or referral.team_id is None:
        return []
    managers = seats_in(referral.partnership_id, on=london_date(at), roles=[Role.MANAGER])
    return list(managers.filter(team_id=referral.team_id))


def _ask_managers(locked: Referral, managers: list[Membership], *, by: Seat, at: dt.datetime) -> None:
    locked.status = ReferralStatus.WITH_MANAGER
    locked.version += 1
    locked.save()
    for manager in managers:
        tell(
            membership_id=manager.pk,
            subject=f"Referral {locked.reference} waits for your approval",
            text=f"Referral {locked.reference} of your team waits for a manager before the coordinators get it.",
            path=reverse("referrals:approve", args=[locked.reference]),
            about=locked.record_id,
            key=f"referral-to-approve:{locked.reference}:{locked.version}",
            by=by,
            at=at,
        )


def to_coordinators(locked: Referral, *, again: bool, by: Seat, at: dt.datetime) -> None:
    """The referral is sent: the coordinators see it and are told, and the clock of screening begins."""
    locked.status = ReferralStatus.SUBMITTED
    locked.submitted_on = london_date(at)
    locked.version += 1
    locked.save()
    share(record_id=locked.record_id, principal=by.partnership_principal, scope=Scope.FULL)
    if locked.child_id is not None:
        look_elsewhere_later(child_id=locked.child_id, by=by)
    tell_coordinators(
        subject=f"Referral {locked.reference} was sent{' again' if again else ''}",
        text=f"Referral {locked.reference} from {by.agency_name} waits to be screened.",
        path=reverse("referrals:screen", args=[locked.reference]),
        about=locked.record_id,
        key=f"referral-submitted:{locked.reference}:{locked.version}",
        by=by,
        at=at,
    )


@transaction.atomic
def withdraw_referral(*, referral: Referral, by: Seat, at: dt.datetime, reason: str = "") -> Referral:
    """Take back a draft, or with a reason a referral that was sent; the coordinators are told if they had it."""
    locked = locked_referral(referral)
    _require_writer(locked, by)
    check_referral(locked.status, ReferralStatus.WITHDRAWN)
    sent = locked.status == ReferralStatus.SUBMITTED
    if locked.status != ReferralStatus.DRAFT and not reason.strip():
        raise RuleBroken("Say why the referral is withdrawn", field="reason")
    locked.status = ReferralStatus.WITHDRAWN
    locked.decision_reason = reason.strip()
    locked.decided_on = london_date(at)
    locked.decided_by_id = by.membership_id
    locked.version += 1
    locked.save()
    if sent:
        tell_coordinators(
            subject=f"Referral {locked.reference} was withdrawn",
            text=f"Referral {locked.reference} was withdrawn by the referrer. Nothing is left to screen.",
            path=reverse("referrals:tasks", args=[locked.reference]),
            about=locked.record_id,
            key=f"referral-withdrawn:{locked.reference}",
            by=by,
            at=at,
        )
    return locked
