"""Why somebody sees a case, said from what was written about that case alone."""

from __future__ import annotations

from mace.casework.selectors.sharing_subject import case_subject
from mace.casework.selectors.sharing_viewers import viewers_of
from mace.core.seat import acting_as
from referrals.models import Case
from tests.access.locks import owner
from tests.access.test_locks_functions import hold, record
from tests.factories.cast import Cast
from tests.factories.referrals import another_child, open_case


def reason(cast: Cast, case: Case, name: str) -> str:
    """What the whole picture of the case says of that person."""
    with acting_as(cast["coordinator"]):
        viewers = viewers_of(case_subject(case.reference))
    (found,) = [viewer for viewer in viewers if cast[name].membership_id in viewer.seats]
    return found.why


def test_named_on_another_case_is_not_named_on_this_one(cast: Cast) -> None:
    case, apart = open_case(cast), open_case(cast, by="other_practitioner", child=another_child(3))
    member = cast["police_member"]
    hold(member.principal, case.pk, 1)
    name = (
        "insert into access_namedperson (permission_id, user_id, content_object_id) "
        "select min(id), %s, %s from auth_permission"
    )
    owner(name, member.user_id, apart.pk)
    assert reason(cast, case, "police_member") == "Named on another record of the same child."
    owner(name, member.user_id, case.pk)
    assert reason(cast, case, "police_member") == "Named on it for their agency."


def test_whoever_wrote_a_referral_that_joined_the_case_is_said_to_have_written_it(cast: Cast) -> None:
    case, apart = open_case(cast), open_case(cast, by="other_practitioner", child=another_child(3))
    second = cast["other_practitioner"]
    hold(second.principal, case.pk, 3)
    assert reason(cast, case, "other_practitioner") == "Named on another record of the same child."
    rec = record(second, "referral", within_id=case.pk)
    hold(cast["coordinator"].principal, rec, 3)
    owner(
        "insert into referrals_referral (record_id, reference, made_child, written_by_principal, status, created_at, "
        "decision_reason, redirected_to, source_reference, operation, version, agency_id, partnership_id, referrer_id, "
        "case_id) values (%s, 'R-TEST', false, %s, 'draft', now(), '', '', '', '', 1, %s, %s, %s, %s)",
        *(rec, second.principal, second.agency_id, second.partnership_id),
        *(second.membership_id, case.pk),
    )
    assert reason(cast, case, "other_practitioner") == "Wrote the referral."
    assert reason(cast, case, "practitioner") == "Lead professional."
    assert reason(cast, apart, "other_practitioner") == "Lead professional."
