"""Every lock is in one of the lists, and a fixed sample of the mutants is noticed. ``make mutate`` tries them all."""

from __future__ import annotations

SIZE = 24
