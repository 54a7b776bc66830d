"""What the pages below a case have in common: the case above them, and a page that is typed, kept and sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from mace.access.gate import SeatRequest, keep, shown
from mace.core import clock
from mace.core.addresses import address
from mace.core.errors import Conflict, RuleBroken
from mace.core.forms import whole
from mace.core.templatetags.components import uk_time
from referrals.models import Case, CaseDraft
from referrals.rules import ROWS_ADDED, rows_wanted
from referrals.sections.base import SectionForm
from referrals.sections.case import CASE_FORMS
from referrals.selectors.assessing import draft_of, full_case
from referrals.services.case_drafts import may_assess, save_case_draft
from referrals.views.cards import identity_bar
from referrals.views.drafts import differences, operation


def case_context(request: SeatRequest, case: Case, what: str, **more: Any) -> dict[str, Any]:
    """The case and its identity bar, for the template; the read log says that ``what`` of it was shown."""
    shown(request, what, record_id=case.pk, reference=case.reference)
    url = address("casework:case", case.reference)
    return {"case": case, "case_url": url, "identity": identity_bar(case, clock.today(), url=url), **more}


def case_to_write(request: SeatRequest, reference: str) -> Case:
    """The case, for a seat that may assess it. Whoever sees it but may not, or finds it closed, is refused."""
    case = full_case(reference)
    if not may_assess(case, request.seat):
        raise PermissionDenied
    return case


class DraftPage:
    """A page of a case that is kept as it is typed and sent when it is whole.

    ``new_form`` makes the form from what is typed, judging it or not; ``known`` gives what the page says before anybody
    types, and what else the template needs; ``send`` writes what was typed and answers what to say.
    """

    def __init__(
        self,
        kind: str,
        *,
        template: str,
        listed: str,
        page: str,
        new_form: Callable[..., SectionForm],
        send: Callable[..., str],
        sent: Callable[[Case, str], bool],
        known: Callable[[Case], tuple[dict[str, Any], dict[str, Any]]],
    ) -> None:
        self.kind, self.template, self.listed, self.page = kind, template, listed, page
        self.new_form, self.send, self.sent, self.known = new_form, send, sent, known

    def answer(self, request: SeatRequest, reference: str) -> HttpResponse:
        """GET shows the draft or, without one, the last version; POST keeps what was typed and may send it."""
        case = case_to_write(request, reference)
        if request.method == "POST":
            return self._posted(request, case)
        at = clock.now()
        draft = draft_of(case, self.kind)
        first, more = self.known(case)
        typed = draft.data if draft and draft.data else first
        return self._show(request, case, self.new_form(case, typed, at, check=False), draft, **more)

    def _posted(self, request: SeatRequest, case: Case) -> HttpResponse:
        at = clock.now()
        token = request.POST.get("operation", "")[:40]
        posted = request.POST.copy()
        if "more" in posted:
            posted["rows"] = str(rows_wanted({"rows": posted.get("rows", "")}) + ROWS_ADDED)
        if self.sent(case, token):
            return self._done(request, case, "This was sent already. Nothing was changed.")
        try:
            draft = save_case_draft(
                case=case,
                kind=self.kind,
                data=posted,
                version=whole(posted.get("version", "")),
                operation=token,
                by=request.seat,
                at=at,
            )
        except Conflict as conflict:
            mine = CASE_FORMS[self.kind].read(posted)
            form = self.new_form(case, mine, at, check=False)
            more = self.known(case)[1] | {"theirs": differences(form, conflict, mine)}
            return self._show(request, case, form, None, version=conflict.version, status=409, **more)
        if "more" in posted:
            return redirect(self.page, case.reference)
        if "later" in posted:
            messages.success(request, "Saved. You can come back at any time.")
            return redirect("casework:case", case.reference)
        return self._sent(request, case, draft, token, at)

    def _sent(self, request: SeatRequest, case: Case, draft: CaseDraft, token: str, at: dt.datetime) -> HttpResponse:
        form = self.new_form(case, draft.data, at, check=True)
        if form.is_valid():
            said = self.send(case=case, typed=draft.data, operation=token, by=request.seat, at=at)
            return self._done(request, case, said)
        keep(request)
        return self._show(request, case, form, draft, status=422, **self.known(case)[1])

    def _done(self, request: SeatRequest, case: Case, said: str) -> HttpResponse:
        messages.success(request, said)
        return redirect(self.listed, case.reference)

    def _show(
        self,
        request: SeatRequest,
        case: Case,
        form: SectionForm,
        draft: CaseDraft | None,
        *,
        version: int | None = None,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        typed = draft is not None and bool(draft.data)
        context = case_context(
            request,
            case,
            f"new {self.kind}",
            form=form,
            version=version if version is not None else draft.version if draft else 0,
            saved_at=uk_time(draft.saved_at) if draft and typed else "",
            operation=operation(),
            save_url=reverse(f"{self.page}_save", args=[case.reference]),
            listed_url=reverse(self.listed, args=[case.reference]),
            **more,
        )
        return render(request, self.template, context, status=status)

    def save(self, request: SeatRequest, reference: str) -> HttpResponseBase:
        """Autosave: 200 with time and version, 409 with theirs, 422 when the case is closed."""
        case = case_to_write(request, reference)
        try:
            draft = save_case_draft(
                case=case,
                kind=self.kind,
                data=request.POST,
                version=whole(request.POST.get("version", "")),
                operation=request.POST.get("op", "")[:40],
                by=request.seat,
                at=clock.now(),
            )
        except Conflict as conflict:
            shown(request, f"new {self.kind}", record_id=case.pk, reference=reference)
            mine = CASE_FORMS[self.kind].read(request.POST)
            theirs = {
                name: ", ".join(value) if isinstance(value, list) else value
                for name, value in conflict.theirs.items()
                if value != mine.get(name)
            }
            return JsonResponse({"theirs": theirs, "version": conflict.version}, status=409)
        except RuleBroken as broken:
            return JsonResponse({"message": broken.message}, status=422)
        return JsonResponse({"saved_at": draft.saved_at.isoformat(), "version": draft.version})
