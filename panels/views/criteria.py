"""Answering the criteria for escalation on an item of the meeting that is running."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import Conflict, RuleBroken
from mace.core.forms import refuse
from panels.forms.minutes import ItemCriteriaForm
from panels.selectors.criteria import criteria_of, may_escalate
from panels.selectors.meetings import item_by_reference
from panels.services.criteria import save_criteria
from panels.transitions import MINUTING
from panels.views.running import among, item_page, minute_form
from referrals.enums import Answered
from referrals.selectors import label


@requires(Capability.DRAFT_MINUTES)
@require_POST
def item_criteria(request: SeatRequest, reference: str) -> HttpResponse:
    """Save the answers; two people at once are told."""
    item = item_by_reference(reference)
    if item.meeting.status not in MINUTING or not may_escalate(item):
        raise Http404
    form = ItemCriteriaForm(request.POST, kept=criteria_of([item.pk]).get(item.pk))
    theirs: list[str] = []
    if form.is_valid():
        try:
            save_criteria(
                item=item,
                ticked=form.ticked(),
                version=form.cleaned_data["criteria_version"] or 0,
                by=request.seat,
                at=clock.now(),
            )
        except Conflict as conflict:
            theirs = [
                f"{label('escalation_criterion', code)} {Answered(met).label}. {note}"
                for code, (met, note) in conflict.theirs.items()
            ]
            form.data = {**request.POST.dict(), "criteria_version": str(conflict.version)}
        except RuleBroken as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "The criteria are saved.")
            return redirect(f"{reverse('panels:item_minute', args=[reference])}#criteria")
    line, lines = among(item)
    minutes = minute_form(item, line.minute)
    status = 409 if theirs else 422
    return item_page(request, line, lines, minutes, criteria_form=form, criteria_theirs=theirs, status=status)
