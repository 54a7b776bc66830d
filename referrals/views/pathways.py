"""Missing episodes and critical moments of a case: listed with short forms, and each by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, keep, requires
from mace.access.models import Scope
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.forms import GovukForm, refuse, whole
from mace.core.templatetags.components import short_date, uk_date
from referrals.forms.pathways import InterviewForm, MissingForm, MomentForm, ResponseForm, ReturnForm
from referrals.models import Case, CriticalMoment, MissingEpisode
from referrals.sections.circumstances import missing_words as said_of
from referrals.selectors import case_by_reference
from referrals.selectors.pathways import (
    Pathways,
    day_and_time,
    episode_title,
    episode_url,
    interview_words,
    moment_url,
    one_of,
    pathways_of,
    said_of_missing,
)
from referrals.services.pathways import (
    child_returned,
    record_interview,
    record_missing,
    report_moment,
    respond_to_moment,
)
from referrals.views.cards import rows
from referrals.views.case_pages import case_context
from referrals.views.drafts import operation

MISSING, MOMENT, RETURNED, INTERVIEW = "missing", "moment", "returned", "interview"
SAVED = {
    MISSING: "It is on record that the child is missing. The lead professional was told.",
    MOMENT: "The moment is on record. The lead professional was told.",
    RETURNED: "It is on record that the child is back.",
    INTERVIEW: "The return home interview is on record.",
}


def _in_full(case: Case) -> bool:
    return (case.seat_scope or 0) >= Scope.FULL  # type: ignore[attr-defined]


def _bound(request: SeatRequest, sent: str, what: str) -> Any:
    return request.POST if sent == what else None


def _done(request: SeatRequest, form: GovukForm, do: Callable[..., object], **more: Any) -> bool:
    """Whether what the form says was written; what a rule refuses stands on the form."""
    if not form.is_valid():
        return False
    try:
        do(**form.cleaned_data, **more, by=request.seat, at=clock.now())
    except RuleBroken as broken:
        refuse(form, broken)
        return False
    except NotAllowed:
        raise Http404 from None
    return True


def _sent(request: SeatRequest, forms: dict[str, GovukForm]) -> tuple[str, GovukForm | None]:
    """Which of the page's forms was sent. Raises ``Http404`` for none of them."""
    if request.method != "POST":
        return "", None
    sent = request.POST.get("what", "")
    if sent not in forms:
        raise Http404
    return sent, forms[sent]


@requires(Capability.REPORT_MOMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: SeatRequest, reference: str) -> HttpResponse:
    """Missing now first; all episodes and moments that the seat sees, and two short forms, for every scope."""
    case = case_by_reference(reference)
    sent = request.POST.get("what", "") if request.method == "POST" else ""
    first = {"from_on": clock.today(), "on": clock.today()}
    forms: dict[str, GovukForm] = {
        MISSING: MissingForm(_bound(request, sent, MISSING), initial=first, auto_id="id_missing_%s"),
        MOMENT: MomentForm(_bound(request, sent, MOMENT), initial=first, auto_id="id_moment_%s"),
    }
    sent, form = _sent(request, forms)
    token = request.POST.get("operation", "")[:40]
    if form is not None:
        write: Callable[..., object] = record_missing if sent == MISSING else report_moment
        if _done(request, form, write, case=case, operation=token):
            messages.success(request, SAVED[sent])
            return redirect("referrals:missing", case.reference)
        keep(request)
    found = pathways_of(case)
    context = {
        "now": _now(found),
        "overdue": [_overdue_line(case, one) for one in found.interviews_overdue(clock.now())],
        "episode_rows": [_episode_cells(case, one) for one in found.missing],
        "episode_head": ["Missing since", "Back", "Return home interview", "Reported by"],
        "moment_head": ["When", "What happened", "What is known", "What was done", "Told by"],
        "moment_rows": [_moment_cells(case, one) for one in found.moments],
        "said_rows": _said(case) if _in_full(case) else [],
        "full": _in_full(case),
        "open": case.closed_on is None,
        "forms": forms,
        "form": form,
        "operation": token or operation(),
    }
    page = case_context(request, case, "missing episodes and moments", **context)
    return render(request, "referrals/missing.html", page, status=422 if form is not None else 200)


def _said(case: Case) -> list[dict[str, Any]]:
    """What the latest referral says of being missing: a count and a last day, which make no episodes."""
    said = said_of_missing(case)
    return rows((f"Referral {said.referral.reference}", said_of(said))) if said is not None else []


def _now(found: Pathways) -> str:
    episode = found.missing_now
    return f"The child has been missing since {day_and_time(episode.from_on, episode.from_at)}." if episode else ""


def _overdue_line(case: Case, episode: MissingEpisode) -> SafeString:
    url = episode_url(case, episode)
    return format_html(
        '<a class="govuk-link" href="{}">Return of {}</a>: {}',
        url,
        uk_date(episode.returned_on),
        interview_words(episode, clock.now()),
    )


def _episode_cells(case: Case, episode: MissingEpisode) -> list[object]:
    url = episode_url(case, episode)
    link = format_html('<a class="govuk-link" href="{}">{}</a>', url, short_date(episode.from_on))
    back = day_and_time(episode.returned_on, episode.returned_at) or "Not back yet"
    return [link, back, interview_words(episode, clock.now()) or "After the return", episode.agency.name]


def _moment_cells(case: Case, moment: CriticalMoment) -> list[object]:
    url = moment_url(case, moment)
    link = format_html('<a class="govuk-link" href="{}">{}</a>', url, short_date(moment.on))
    told = f"Referral {moment.referral.reference}" if moment.referral else moment.agency.name
    return [link, moment.kind_words, moment.about, moment.response or "Nothing recorded yet", told]


@requires(Capability.REPORT_MOMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def episode(request: SeatRequest, reference: str, key: str) -> HttpResponse:
    """One episode: when the child came back, and the return home interview."""
    case = case_by_reference(reference)
    found: MissingEpisode = one_of(pathways_of(case).missing, key)
    sent = request.POST.get("what", "") if request.method == "POST" else ""
    forms: dict[str, GovukForm] = {RETURNED: ReturnForm(_bound(request, sent, RETURNED), auto_id="id_returned_%s")}
    if found.returned_on is not None:
        standing = {"interview": found.interview, "interview_on": found.interview_on, "note": found.interview_note}
        forms[INTERVIEW] = InterviewForm(_bound(request, sent, INTERVIEW), initial=standing, auto_id="id_interview_%s")
    sent, form = _sent(request, forms)
    if form is not None:
        write: Callable[..., object] = child_returned if sent == RETURNED else record_interview
        if _done(request, form, write, episode=found, version=whole(request.POST.get("version", ""))):
            messages.success(request, SAVED[sent])
            return redirect("referrals:missing_one", case.reference, found.reference)
        keep(request)
    facts = rows(
        ("Missing", episode_title(found)),
        ("What is known", found.about),
        ("Police reference", found.police_reference),
        ("Return home interview", interview_words(found, clock.now())),
        ("What came of it", found.interview_note if found.interview != "declined" else ""),
        ("Reported by", f"{found.written_by.user.name}, {found.agency.name}, {uk_date(found.written_at)}"),
    )
    context = {"episode": found, "facts": facts, "forms": forms, "form": form}
    page = case_context(request, case, "missing episode", **context)
    return render(request, "referrals/missing_one.html", page, status=422 if form is not None else 200)


@requires(Capability.REPORT_MOMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def moment(request: SeatRequest, reference: str, key: str) -> HttpResponse:
    """One critical moment, and what was done about it, which is for who has the whole case."""
    case = case_by_reference(reference)
    found: CriticalMoment = one_of(pathways_of(case).moments, key)
    if request.method == "POST" and not _in_full(case):
        raise Http404
    form = ResponseForm(request.POST if request.method == "POST" else None, initial={"response": found.response})
    if request.method == "POST":
        if _done(request, form, respond_to_moment, moment=found, version=whole(request.POST.get("version", ""))):
            messages.success(request, "What was done is on record.")
            return redirect("referrals:missing", case.reference)
        keep(request)
    by = found.responded_by
    facts = rows(
        ("What happened", found.kind_words),
        ("When", uk_date(found.on)),
        ("What is known", found.about),
        ("What was done", found.response),
        ("Recorded by", f"{by.user.name}, {uk_date(found.responded_at)}" if by else ""),
        (
            "Told by",
            f"Referral {found.referral.reference}"
            if found.referral
            else f"{found.written_by.user.name}, {found.agency.name}, {uk_date(found.written_at)}",
        ),
    )
    context = {"moment": found, "facts": facts, "form": form, "full": _in_full(case)}
    page = case_context(request, case, "critical moment", **context)
    return render(request, "referrals/moment_one.html", page, status=422 if request.method == "POST" else 200)
