"""Work of the dashboards that beat starts. Each is safe to run twice, late, or not at all for a day."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from dashboards import services
from mace.accounts.selectors import system_seats
from mace.core import clock
from mace.core.seat import acting_as


@shared_task(name="dashboards.tasks.publish_figures")
def publish_figures() -> int:
    """Publish what has ended and is not published yet, partnership by partnership; answers how many were made."""
    made = 0
    for seat in system_seats():
        with acting_as(seat, reason="Publishing figures"), transaction.atomic():
            made += services.publish_figures(by=seat, at=clock.now())
    return made
