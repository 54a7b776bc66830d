"""The pages of missing episodes and moments, and what else shows them: case, timeline, journey, review, document."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mace.access.models import Scope
from mace.core import clock
from mace.core.seat import acting_as
from mace.exporting.selectors.document import case_document
from referrals.models import Case, CriticalMoment, MissingEpisode
from referrals.services.reviews import make_review
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, gone_missing, open_case
from tests.factories.sharing import shared

NOW = MONDAY + dt.timedelta(days=14)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def read(cast: Cast, name: str, path: str) -> str:
    answer = cast.client(name).get(path)
    assert answer.status_code == 200, (name, path, answer.status_code)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def day(name: str, on: dt.date) -> dict[str, str]:
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}


def test_an_agency_reports_in_three_answers_and_everybody_concerned_reads_it(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.SUMMARY)
    shared(cast, case.pk, "education", Scope.SUMMARY)
    gone_missing(cast, case, at=NOW)
    client, path = cast.client("police_lead"), f"/cases/{case.reference}/missing/"
    sent = {"what": "moment", "kind": "arrest", "about": "Held since noon", "operation": "a", **day("on", NOW.date())}
    assert client.post(path, sent).status_code == client.post(path, sent).status_code == 302
    with acting_as(cast["coordinator"]):
        arrest = CriticalMoment.objects.get(referral=None)
        episode = MissingEpisode.objects.get()
        document = case_document(case.reference, reader=cast["police_lead"], at=NOW)
        whole = case_document(case.reference, reader=None, at=NOW)
    since, held = "The child has been missing since 15 March 2026, 9:40pm", "Held since noon"
    for page in ("", "missing/"):
        assert since in read(cast, "practitioner", f"/cases/{case.reference}/{page}")
        assert since not in read(cast, "police_lead", f"/cases/{case.reference}/{page}")
    for page in ("history/", "missing/"):
        assert held in read(cast, "police_lead", f"/cases/{case.reference}/{page}")
        assert held not in read(cast, "education_lead", f"/cases/{case.reference}/{page}")
    case_page = read(cast, "practitioner", f"/cases/{case.reference}/")
    assert "seen by whoever has the whole case, and by Anytown Police, which reported it" in case_page
    for name, words in (("Missing", "Missing: since 15 March 2026, 9:40pm"), ("Critical moment", f"Arrest: {held}")):
        assert f"{name} {words}" in read(cast, "practitioner", f"/cases/{case.reference}/journey/")
    assert "2 times in 12 months" in read(cast, "practitioner", path)
    assert "Sent home for good" in read(cast, "practitioner", path)
    # the document says of them what the pages say
    assert [one[0] for one in whole.missing] == ["Since 15 March 2026, 9:40pm, not back yet"]
    assert [one.reference for one in document.page.pathways.moments] == [arrest.reference]
    assert (document.missing, document.leads) == ([], [])
    assert {"Critical moment", "Missing"} <= {kind for _, kind, _ in whole.journey}
    assert len(whole.leads) == 1
    # each by itself
    back = {"what": "returned", "version": "1", "returned_time": "8.05am", **day("returned_on", NOW.date())}
    one = f"{path}{episode.reference}/"
    assert cast.client("police_lead").get(one).status_code == 404
    assert cast.client("practitioner").post(one, back).status_code == 302
    assert "Not offered yet. Due by 19 March 2026, 8:05am" in read(cast, "practitioner", one)
    stale = {"what": "interview", "interview": "declined", "version": "1", **day("interview_on", NOW.date())}
    refused = cast.client("practitioner").post(one, stale)
    assert refused.status_code == 422
    assert "Say why the interview was declined" in refused.content.decode()
    refused = cast.client("practitioner").post(one, stale | {"note": "Says no"})
    assert "Somebody else has changed this meanwhile" in refused.content.decode()
    assert cast.client("practitioner").post(one, stale | {"note": "Says no", "version": "2"}).status_code == 302
    assert "Declined on 16 March 2026: Says no" in read(cast, "practitioner", path)


def test_a_review_is_filled_with_what_happened_since_the_last(cast: Cast) -> None:
    case = open_case(cast)
    gone_missing(cast, case, at=NOW)
    with acting_as(cast["coordinator"]):
        review = make_review(case=case, due_on=MONDAY.date() + dt.timedelta(days=84), by=cast["coordinator"], at=NOW)
    assert review is not None
    page = read(cast, "practitioner", f"/reviews/{review.reference}/")
    assert "Missing since 2 March 2026: 1 Since 15 March 2026" in page
    assert "Critical moments since 2 March 2026: 0" in page  # that of January was before


def test_the_pages_cost_the_same_at_one_and_at_many(cast: Cast) -> None:
    case = open_case(cast)
    counts = {name: _statements(cast, case, name) for name in ("practitioner", "coordinator")}
    for _ in range(6):
        gone_missing(cast, case, at=NOW)
    assert {name: _statements(cast, case, name) for name in counts} == counts


def _statements(cast: Cast, case: Case, name: str) -> list[int]:
    client, found = cast.client(name), []
    for page in ("missing/", ""):
        client.get(f"/cases/{case.reference}/{page}")
        with CaptureQueriesContext(connection) as statements:
            client.get(f"/cases/{case.reference}/{page}")
        found.append(len(statements))
    return found
