"""What a partnership works by: its criteria, lists and wording, each with the versions that it had."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import Conflict, RuleBroken
from mace.core.forms import refuse, whole
from referrals.forms.lists import ListForm
from referrals.selectors.lists import KEPT, changed_words, list_changes, list_opened
from referrals.services.lists import save_list, shipped, standing

MEANWHILE = "Somebody else changed this list meanwhile. Look at what they changed, then save yours again"


@requires(Capability.KEEP_LISTS)
@require_safe
def lists(request: SeatRequest) -> HttpResponse:
    """Every list that the partnership keeps, and how much of it is still a proposal."""
    rows = []
    for name, kept in KEPT.items():
        now = standing(name)
        used = [entry for entry in now.entries.values() if entry.active]
        rows.append(
            {
                "kept": kept,
                "url": reverse("referrals:list_one", args=[name]),
                "count": len(used),
                "version": now.version,
                "proposed": 0 if kept.switches else sum(entry.proposed for entry in used),
            }
        )
    return render(request, "referrals/lists.html", {"rows": rows})


@requires(Capability.KEEP_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def list_one(request: SeatRequest, name: str) -> HttpResponse:
    """One list: its entries to be worded, added to and taken out of use, and what was changed before."""
    if name not in KEPT:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    kept, now, opened = KEPT[name], standing(name), None
    said = whole(posted.get("version", "")) if posted is not None else None
    if said is not None and said != now.version:
        opened = list_opened(name, request.seat.partnership_id, said, shipped(name))
    form = ListForm(posted, kept=kept, standing=now, opened=opened)
    if posted is not None and form.is_valid():
        try:
            saved = save_list(
                list_name=name,
                entries=form.entries(),
                adopted=form.adopts,
                why=form.cleaned_data["why"],
                version=said,
                by=request.seat,
                at=clock.now(),
            )
        except Conflict:
            opened, now = opened or now, standing(name)
            form = ListForm(posted, kept=kept, standing=now, opened=opened)
            form.add_error(None, MEANWHILE)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            changed = saved != now.version
            messages.success(request, f"Saved as version {saved}." if changed else "Nothing was changed.")
            return redirect("referrals:list_one", name)
    context = {
        "kept": kept,
        "form": form,
        "version": now.version,
        "theirs": changed_words(opened.entries, now.entries) if opened else [],
        "changes": list_changes(name, request.seat.partnership_id, shipped(name)),
    }
    return render(request, "referrals/list_one.html", context, status=422 if form.errors else 200)
