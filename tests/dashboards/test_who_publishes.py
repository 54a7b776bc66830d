"""Only the system publishes figures and loads shares of a population, and shares are read of one's own partnership."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboards.models import PopulationShare
from dashboards.selectors import population_shares
from dashboards.services import ShareRow, load_population, publish_figures
from mace.access.policy import Capability
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from tests.dashboards.samples import AT
from tests.factories.cast import Cast

BLACK = ShareRow("ethnicity", "Black", Decimal(34), "Aged 10 to 21", "Census")


@pytest.mark.parametrize("name", ["coordinator", "chair", "practitioner", "board", "admin"])
def test_nobody_but_the_system_publishes_or_loads(cast: Cast, name: str) -> None:
    with acting_as(cast[name]):
        with pytest.raises(NotAllowed) as refused:
            publish_figures(by=cast[name], at=AT)
        assert refused.value.args == (Capability.DASHBOARD,)
        with pytest.raises(NotAllowed) as refused:
            load_population(rows=[BLACK], illustrative=True, by=cast[name])
        assert refused.value.args == (Capability.DASHBOARD,)


def test_true_figures_are_for_whom_the_policy_names_and_others_are_refused(cast: Cast) -> None:
    answers = {
        name: cast.client(name).get("/dashboard/").status_code for name in ("coordinator", "police_member", "ig")
    }
    assert answers == {"coordinator": 200, "police_member": 403, "ig": 403}


def test_shares_are_of_the_partnership_asked_about(cast: Cast) -> None:
    system = cast["system"]
    with acting_as(system):
        load_population(rows=[BLACK], illustrative=True, by=system)
        assert population_shares(cast.partnership.pk) == {"ethnicity": [PopulationShare.objects.get()]}
        assert population_shares(cast.other_partnership.pk) == {}
