"""The day for which a safety plan is asked."""

from __future__ import annotations

from mace.core.forms import GovukDateField, GovukForm
from referrals.sections.base import EARLIEST


class OnForm(GovukForm):
    on = GovukDateField(label="Which plan was in force on this day?", not_before=EARLIEST)
