"""Every form there is, as somebody sends it when all is well; and which of its fields name something.

A page that takes a form and is not here fails ``test_bad_input_forms.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.test import Client

from mace.access import sessions
from tests.access.forms_cases import CASES
from tests.access.forms_exports import EXPORTS
from tests.access.forms_ground import Form, Sent
from tests.access.forms_imports import IMPORTS
from tests.access.forms_panels import PANELS
from tests.access.tables import browser, undone
from tests.access.world import World

FORMS: list[Form] = [
    *CASES,
    *PANELS,
    *IMPORTS,
    *EXPORTS,
    # The demonstration
    Form("demo/", "practitioner", lambda _: {"person": "nobody"}, offers=("next",), status=404, changes=False),
    Form("demo/confirm/", "practitioner", offers=("next",), changes=False),
]


def ready(world: World, forms: Sequence[Form]) -> Iterator[tuple[Form, Client, str, Sent]]:
    """Each form ready to be sent, by somebody who has just signed in; afterwards all is as it was."""
    for form in forms:
        with undone():
            form.before(world)
            client = browser(world.cast, form.seat)
            session = client.session
            session[sessions.BEGAN] = session[sessions.USED] = sessions.now()
            session.save()
            yield form, client, form.address(world), form.sends(world)
