"""What is outstanding on a case when it is handed to another lead professional."""

from __future__ import annotations

import datetime as dt

from mace.core.forms import long_date
from mace.core.templatetags.components import due_words
from panels.enums import ActionStatus
from panels.models import Action
from referrals.enums import ReviewStatus
from referrals.models import Case, Review
from referrals.selectors import case_content

MOST = 30


def outstanding_words(case: Case, *, on: dt.date) -> str:
    """One line for each open action, open review and step of the plan in force, for the form to begin with."""
    actions = Action.objects.filter(record_id=case.pk, status=ActionStatus.OPEN).select_related("owner_agency")
    reviews = Review.objects.filter(case=case, status__in=[ReviewStatus.DUE, ReviewStatus.ANSWERED])
    lines = [
        f"Action {action.reference}, {due_words(action.due_on, on)}, {action.owner_agency.name}: {action.text}"
        for action in actions.order_by("due_on", "pk")[:MOST]
    ]
    lines += [
        f"12-week review {review.reference}, due on {long_date(review.due_on)}: "
        f"{ReviewStatus(review.status).label.lower()}"
        for review in reviews.order_by("due_on")
    ]
    lines += [
        f"Step of the plan, {step.who}{', by ' + long_date(step.by_when) if step.by_when else ''}: {step.text}"
        for step in case_content(case).steps[:MOST]
    ]
    return "\n".join(lines)
