"""A child who is known already is found, offered and linked."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import (
    Child,
    ChildIdentity,
    Referral,
)
from referrals.selectors import (
    Wanted,
    possible_matches,
)
from referrals.services import (
    save_section,
    submit_referral,
)
from tests.factories.cast import Cast
from tests.factories.referrals import FILLED, another_child, draft_referral, submitted_referral
from tests.referrals.doing import LATER, ROLES_WITHOUT


def test_sound_alike_with_same_birth_is_a_match_in_own_partnership_only(cast: Cast) -> None:
    submitted_referral(cast)
    born = dt.date(2011, 3, 27)
    with acting_as(cast["other_practitioner"]):
        assert not ChildIdentity.objects.exists()
        [match] = possible_matches(Wanted("Tameka", "Britewater", born))
        assert (match.name, match.why) == ("Tamika Brightwater", "same date of birth, name sounds alike")
        assert possible_matches(Wanted("Tamika", "Brightwater", born))[0].why == "same date of birth, same name"
        assert len(possible_matches(Wanted("Tamika", "Brightwater", dt.date(2011, 3, 28)))) == 1
        assert possible_matches(Wanted("Wojciech", "Kowalski", born)) == []
    for name in ("stranger_practitioner", *ROLES_WITHOUT):
        with acting_as(cast[name]):
            assert possible_matches(Wanted("Tamika", "Brightwater", born)) == [], name


def test_swapped_day_and_month_and_a_year_off_are_found(cast: Cast) -> None:
    submitted_referral(cast, child={"date_of_birth_day": "5", "date_of_birth_month": "3"})
    with acting_as(cast["other_practitioner"]):
        assert len(possible_matches(Wanted("Tamika", "Brightwater", dt.date(2011, 5, 3)))) == 1
        assert len(possible_matches(Wanted("Tameka", "Britewater", dt.date(2011, 5, 3)))) == 1
        assert len(possible_matches(Wanted("Tameka", "Britewater", dt.date(2010, 3, 5)))) == 1


def test_reasons_are_said_in_words(cast: Cast) -> None:
    numbers = {"nhs_number": "999 000 0018", "upn": "h801 2000 01001", "local_id": "ls 77", "aliases": "Tee, Ana Osei"}
    submitted_referral(cast, child=numbers | {"date_of_birth_day": "5"})
    born, other = dt.date(2011, 3, 5), dt.date(2009, 9, 9)
    why = {
        Wanted("Tamika", "Britewater", born): "same date of birth, surname sounds alike",
        Wanted("Tamika", "Brightwater", dt.date(2011, 5, 3)): "day and month swapped, same name",
        Wanted("Brightwater", "Tamika", born): "same date of birth, names the other way round",
        Wanted("Tamika", "Brightwater-Khan", born): "same date of birth, one part of the surname is the same",
        Wanted("Tamika", "Nowak", born): "same date of birth, same first name, another surname",
        Wanted("Tee", "Brightwater", born): "same date of birth, same name, also known as Tee Brightwater",
        Wanted("Ana", "Osei", born): "same date of birth, same name, also known as Ana Osei",
        Wanted("Ana", "Nowak", born, "Tamika Brightwater"): (
            "same date of birth, same name, also known as Tamika Brightwater"
        ),
        Wanted("Bo", "Zu", other, nhs_number="9990000018"): "same NHS number, born 5 March 2011",
        Wanted("Bo", "Zu", other, upn="H801200001001"): "same UPN, born 5 March 2011",
        Wanted("Bo", "Zu", other, local_id="LS77"): "same number at your agency, born 5 March 2011",
        Wanted("Tamika", "Brightwater", dt.date(2011, 3, 15), birth_day_known=False): (
            "born in the same month, day not known, same name"
        ),
        Wanted("Tamika", "Brightwater", dt.date(2008, 1, 1)): "born 5 March 2011, same name",
    }
    with acting_as(cast["other_practitioner"]):
        assert {wanted: [match.why for match in possible_matches(wanted)] for wanted in why} == {
            wanted: [words] for wanted, words in why.items()
        }


def test_too_little_is_no_match(cast: Cast) -> None:
    submitted_referral(cast, child={"nhs_number": "999 000 0018"})
    born = dt.date(2011, 3, 27)
    with acting_as(cast["other_practitioner"]):
        for wanted in (
            Wanted("Ngozi", "Brightwater", born),
            Wanted("Tamika", "Nowak", dt.date(2010, 3, 27)),
            Wanted("Tameka", "Britewater", dt.date(2011, 3, 26)),
            Wanted("Tamika", "Brightwater", dt.date(2008, 6, 2)),
            Wanted("Tameka", "Brightwater", born, nhs_number="9990000026"),
            Wanted("Bo", "Zu", born, local_id=""),
        ):
            assert possible_matches(wanted) == [], wanted
        assert len(possible_matches(Wanted("Tamika", "Brightwater", born, nhs_number="9990000026"))) == 1


def test_a_name_alone_counts_for_one_bearer_when_nothing_else_is_found(cast: Cast) -> None:
    submitted_referral(cast)
    new_year = Wanted("Tamika", "Brightwater", dt.date(2008, 1, 1))
    with acting_as(cast["other_practitioner"]):
        assert [match.by_name_alone for match in possible_matches(new_year)] == [True]
    submitted_referral(cast, child={"date_of_birth_year": "2020", "same_as": "different"})
    with acting_as(cast["other_practitioner"]):
        assert possible_matches(new_year) == []
        found = possible_matches(Wanted("Tamika", "Brightwater", dt.date(2020, 3, 27)))
        assert [match.date_of_birth.year for match in found] == [2020]


def test_a_day_that_is_not_known_is_kept_as_the_15th_and_said(cast: Cast) -> None:
    made = submitted_referral(cast, child={"date_of_birth_day": "15", "birth_day": ["unknown"]})
    with acting_as(cast["practitioner"]):
        identity = ChildIdentity.objects.get()
        assert (identity.date_of_birth, identity.birth_day_known) == (dt.date(2011, 3, 15), False)
    page = cast.client("practitioner").get(f"/referrals/{made.reference}/").content.decode()
    assert "15 March 2011, day not known" in page
    with acting_as(cast["other_practitioner"]):
        [match] = possible_matches(Wanted("Tamika", "Brightwater", dt.date(2011, 3, 27)))
        assert match.why == "born in the same month, day not known, same name"


def test_same_child_is_linked_and_keeps_its_details(cast: Cast) -> None:
    first = submitted_referral(cast, by="other_practitioner")
    alike = {"forename": "Tameka", "surname": "Britewater", "address": "2 Other Street"}
    made = draft_referral(cast, child=alike)
    seat = cast["practitioner"]
    with acting_as(seat), pytest.raises(RuleBroken, match="‘The child’ is not complete"):
        submit_referral(referral=made, by=seat, at=LATER)
    with acting_as(cast["coordinator"]):
        child = Child.objects.get()
    with acting_as(seat):
        assert not Child.objects.exists()
        save_section(
            referral=made,
            section="child",
            data=FILLED[Section.CHILD] | alike | {"same_as": child.reference},
            version=None,
            operation="",
            by=seat,
            at=LATER,
        )
        sent = submit_referral(referral=made, by=seat, at=LATER)
        assert (sent.child_id, sent.made_child) == (child.pk, False)
    with acting_as(cast["coordinator"]):
        identity = ChildIdentity.objects.get()
        assert (identity.full_name, identity.address) == ("Tamika Brightwater", "1 Invented Road, Anytown")
        assert set(Referral.objects.values_list("child_id", flat=True)) == {child.pk}
        assert first.child_id == child.pk


def test_different_child_gets_a_record_of_its_own(cast: Cast) -> None:
    submitted_referral(cast, by="other_practitioner")
    submitted_referral(cast, child={"same_as": "different"})
    with acting_as(cast["coordinator"]):
        assert Child.objects.count() == 2
    with acting_as(cast["practitioner"]):
        assert Child.objects.count() == 1


def test_reference_of_a_child_that_was_not_offered_links_nothing(cast: Cast) -> None:
    other = submitted_referral(cast, by="other_practitioner", child=another_child(3))
    with acting_as(cast["coordinator"]):
        reference = Child.objects.get(pk=other.child_id).reference
    made = submitted_referral(cast, child={"same_as": reference})
    assert made.child_id != other.child_id
    with acting_as(cast["practitioner"]):
        assert ChildIdentity.objects.get().full_name == "Tamika Brightwater"
