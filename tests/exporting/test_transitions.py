"""Where an export goes from where it stands, whoever moves it: the worker, a fault, the nightly erasing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest

from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from mace.exporting import tasks
from mace.exporting.enums import ExportFormat, ExportOf
from mace.exporting.enums import ExportStatus as S
from mace.exporting.models import Export
from mace.exporting.services import making
from mace.exporting.services.erasing import erase_expired
from mace.exporting.transitions import NEXT, check_export
from tests.factories.cast import Cast
from tests.factories.owner import as_owner


def standing(cast: Cast, status: S) -> Export:
    """One that the coordinator asked for two days ago, and that came so far."""
    at = clock.now() - dt.timedelta(days=2)
    done = {} if status in (S.WAITING, S.FAILED) else {"ready_at": at, "expires_at": at + dt.timedelta(days=1)}
    with as_owner():
        return Export.objects.create(
            partnership=cast.partnership,
            what=ExportOf.CASES,
            format=ExportFormat.CSV,
            reason="For the meeting of the partnership",
            status=status,
            asked_by=cast.memberships["coordinator"],
            asked_principal=cast["coordinator"].principal,
            asked_at=at,
            **done,
        )


def moved(cast: Cast, export: Export, how: str) -> str:
    coordinator, system = cast["coordinator"], cast["system"]
    if how == "made":
        tasks.make_export(membership_id=coordinator.membership_id, export_id=export.pk)
    elif how == "given up":
        with acting_as(coordinator):
            making.give_up(export_id=export.pk, by=coordinator, at=clock.now())
    else:
        with acting_as(system):
            erase_expired(by=system, at=clock.now())
    with as_owner():
        return Export.objects.get(pk=export.pk).status


@pytest.mark.parametrize("before", list(S))
def test_what_moves_an_export_follows_the_table(cast: Cast, before: S) -> None:
    reached = {moved(cast, standing(cast, before), how) for how in ("made", "given up", "erased")}
    assert reached - {before} == NEXT[before]
    for wanted in set(S.values) - NEXT[before]:
        with pytest.raises(RuleBroken, match="Ask for it again"):
            check_export(before, wanted)


@pytest.mark.parametrize("move", [partial(making.make_export, render=lambda _: b""), making.give_up])
def test_no_service_moves_what_is_done_even_if_it_is_handed_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, move: Callable[..., None]
) -> None:
    export, seat = standing(cast, S.EXPIRED), cast["coordinator"]
    monkeypatch.setattr(making, "_waiting", lambda *_: export)
    with acting_as(seat), pytest.raises(RuleBroken, match="is erased"):
        move(export_id=export.pk, by=seat, at=clock.now())
