"""First act: practitioners file referrals, the coordinator screens them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.accounts.selectors import seat_by_membership
from mace.core.clock import london_date
from mace.demo.children import InventedChild
from mace.demo.services.stage import Fate, Stage, on_stage
from referrals.models import Referral
from referrals.rules import is_child
from referrals.sections.child import DIFFERENT
from referrals.selectors.matching import Wanted, possible_matches
from referrals.services.drafting import save_section, start_referral, submit_referral, withdraw_referral
from referrals.services.screening import accept_referral, decline_referral, redirect_referral, return_referral

REASONS = {
    "accept": (
        "The criteria are met: a clear concern, an assessment and a plan, and what several agencies "
        "hold must be put together."
    ),
    "return": (
        "The date of the strategy discussion and the child’s own view are missing. Please add both and send it again."
    ),
    "redirect": "There is worry at home but no sign of exploitation outside it. Early help can begin this week.",
    "decline": "The family already has a plan with the school and the police report shows no link to exploitation.",
    "withdraw": "The family moved to another area yesterday; their new authority has been told.",
}
DOMAINS = ("missing", "peers", "adults", "online", "money", "emotional")
SCORE = {"emerging": "1", "moderate": "2", "significant": "3"}
KNOWN_TO = ("youth_justice", "camhs", "police", "early_help", "voluntary")
DRAFTED = ("child", "situation", "concern", "prerequisites")


def day(name: str, value: dt.date) -> dict[str, str]:
    """A date as the three boxes send it."""
    return {f"{name}_day": str(value.day), f"{name}_month": str(value.month), f"{name}_year": str(value.year)}


def pages_of(
    child: InventedChild, *, rating: str, on: dt.date, serial: int, again: bool = False
) -> dict[str, dict[str, Any]]:
    """What is typed into the pages of a referral, one dict a page."""
    story, say = child.story, child.say
    met_police = serial % 4 != 0
    told = serial % 5 != 0
    steps: dict[str, str] = {"rows": "5"}
    for row, (text, who) in enumerate(story.steps):
        steps |= {
            f"step_{row}_text": say(text),
            f"step_{row}_who": say(who),
            **day(f"step_{row}_by", on + dt.timedelta(days=14)),
        }
    return {
        "child": {
            "forename": child.forename,
            "surname": child.surname,
            **day("date_of_birth", child.born),
            "sex": child.sex,
            "ethnicity": child.ethnicity,
            "first_language": child.language,
            "nhs_number": child.nhs_number,
            "address": child.address,
        },
        "situation": {
            "legal_status": child.legal_status,
            "education_status": child.education,
            "school": child.school,
            "known_to": ["social_care", KNOWN_TO[serial % len(KNOWN_TO)]],
            "attendance": str(96 - serial % 7 * 6),
            "sen_provision": "NKE"[serial % 3],
            "neuro_adhd": ("", "suspected", "awaited", "diagnosed")[serial % 4],
        },
        "around": {
            "around_0_name": f"A parent of {child.forename}",
            "around_0_relation": "parent",
            "around_0_responsible": "yes",
            "around_1_name": "The school’s safeguarding lead",
            "around_1_relation": "professional",
            "around_1_contact": child.school,
        },
        "surroundings": {
            "context_place": "Around the station and the parade of shops after school.",
            "missing": "yes" if serial % 3 else "no",
            "missing_times": str(serial % 5 + 1) if serial % 3 else "",
            "nrm": ("not_considered", "referred", "rg_positive")[serial % 3],
        },
        "concern": {
            "primary_category": story.category,
            "other_categories": list(story.others),
            "wider_factors": list(story.factors),
            "account": ("It has begun again. " if again else "") + say(story.account),
            "short_account": story.short,
            "threshold": say(story.threshold),
        },
        "prerequisites": {
            "strategy_discussion_met": "yes",
            **day("strategy_discussion_on", on - dt.timedelta(days=5)),
            "child_protection_met": "yes",
            **day("child_protection_on", on - dt.timedelta(days=4)),
            "police_report_met": "yes" if met_police else "no",
            **(day("police_report_on", on - dt.timedelta(days=3)) if met_police else {}),
            "police_report_detail": f"EX/{on:%y}/{1000 + serial}" if met_police else "",
            "police_report_reason": ""
            if met_police
            else "The officer on duty will make it when the phone has been looked at.",
        },
        "told": {
            "child_told": "yes",
            "parents_told": "yes" if told else "no",
            "parents_not_told_reason": ""
            if told
            else "A relative may be involved; the strategy discussion asked to wait.",
            "views": f"{child.forename}’s family want help and worry about reprisals." if told else "",
            "consent": "given" if told else "not_sought",
            **({} if is_child(child.born, on) else {"capacity": "has", "care_act": "assessment"}),
        },
        "voice": {
            "words_said": story.words,
            "wants": say(story.wants),
            "way": ("conversation", "writing", "")[serial % 3],
            "themes": list(story.themes),
        },
        "risk": {
            "rating": rating,
            "rationale": say(story.rationale),
            "protective_factors": say(story.protective),
            "pull_factors": "Money, belonging and fear, in that order.",
            **{f"{domain}_score": SCORE[rating] for domain in DOMAINS},
            **{f"{domain}_evidence": "As described in the account." for domain in DOMAINS},
        },
        "plan": {
            "made_with": f"{child.forename}, a parent and the referrer",
            "summary": say(story.plan),
            "blocked": "No service offers anything after eight in the evening." if serial % 3 == 0 else "",
            **steps,
        },
        "mentions": _mentions(story.category),
    }


def _born(typed: dict[str, Any]) -> dt.date:
    return dt.date(*(int(typed[f"date_of_birth_{part}"]) for part in ("year", "month", "day")))


def _mentions(category: str) -> dict[str, str]:
    named = {
        "CCE": ("person", "“Blue”", "An older boy who holds the debt; from the child’s friend."),
        "county_lines": ("place", "Eastmere bus station", "Where journeys begin; seen by school staff."),
        "CSE": ("place", "Flat above Corner News", "Where men gather in the evening; from a neighbour."),
        "SYV": ("place", "Route 14 bus", "Where it comes to fights; from two children."),
        "ONL": ("theme", "Blackmail over pictures", "The same account name in several schools."),
        "P2P": ("place", "Larkfield Park", "Where films are made; from the films."),
    }
    kind, name, about = named[category]
    return {f"{kind}_0_name": name, f"{kind}_0_about": about}


class Referring:
    """Files and screens referrals; an accepted one is given its fate."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.serial = 0

    def draft(self, who: str, *, days_ago: int) -> None:
        """A referral begun and not sent."""
        child = next(self.stage.children)

        def begin(at: dt.datetime) -> None:
            self._write(who, child, at=at, rating="moderate", only=DRAFTED)

        self.stage.at(self.stage.when(days_ago, 16), begin)

    def refer(
        self,
        who: str,
        *,
        days_ago: int,
        outcome: str = "wait",
        fate: Fate | None = None,
        lead: str = "",
        child: InventedChild | None = None,
        decided_after: int = 3,
    ) -> InventedChild:
        """A referral sent so many days ago, and its outcome some days later."""
        about = child or next(self.stage.children)

        def send(at: dt.datetime) -> None:
            rating = self.stage.draw.choices(("emerging", "moderate", "significant"), weights=(3, 5, 3))[0]
            reference = self._write(who, about, at=at, rating=rating, again=child is not None)
            with on_stage(self.stage.seat(who)) as seat:
                referral = submit_referral(referral=Referral.objects.get(reference=reference), by=seat, at=at)
            if outcome == "withdraw":
                with on_stage(self.stage.seat(who)) as seat:
                    withdraw_referral(
                        referral=referral, reason=REASONS["withdraw"], by=seat, at=at + dt.timedelta(days=1)
                    )
            elif outcome != "wait":
                decided = at + dt.timedelta(days=decided_after, hours=1)
                self.stage.at(
                    decided,
                    lambda when: self._decide(reference, outcome, about, fate=fate or Fate(), lead=lead, at=when),
                )

        self.stage.at(self.stage.when(days_ago, 11, self.serial % 50), send)
        return about

    def _write(
        self,
        who: str,
        child: InventedChild,
        *,
        at: dt.datetime,
        rating: str,
        only: tuple[str, ...] = (),
        again: bool = False,
    ) -> str:
        self.serial += 1
        with on_stage(self.stage.seat(who)) as seat:
            referral = start_referral(by=seat, at=at)
            pages = pages_of(child, rating=rating, on=london_date(at), serial=self.serial, again=again)
            for section, typed in pages.items():
                if only and section not in only:
                    continue
                row = save_section(
                    referral=referral, section=section, data=typed, version=None, operation="", by=seat, at=at
                )
                if section == "child" and not row.complete:
                    self._same_child(referral, typed, at=at)
        return referral.reference

    def _same_child(self, referral: Referral, typed: dict[str, Any], *, at: dt.datetime) -> None:
        """Answer the question about a possible duplicate: the same name and birth date is the same child."""
        from_page = possible_matches(Wanted(typed["forename"], typed["surname"], _born(typed)))
        same = next(
            (
                m
                for m in from_page
                if m.same_birth and m.forename == typed["forename"] and m.surname == typed["surname"]
            ),
            None,
        )
        answer = same.reference if same else DIFFERENT
        by = seat_by_membership(referral.referrer_id, on=self.stage.today)
        assert by is not None
        save_section(
            referral=referral,
            section="child",
            data={**typed, "same_as": answer},
            version=None,
            operation="",
            by=by,
            at=at,
        )

    def _decide(
        self, reference: str, outcome: str, child: InventedChild, *, fate: Fate, lead: str, at: dt.datetime
    ) -> None:
        with on_stage(self.stage.seat("daniel" if "daniel" in self.stage.people else "kofi")) as seat:
            referral = Referral.objects.get(reference=reference)
            if outcome == "return":
                return_referral(referral=referral, reason=REASONS["return"], by=seat, at=at)
            elif outcome == "redirect":
                redirect_referral(
                    referral=referral, to="Eastmere Early Help", reason=REASONS["redirect"], by=seat, at=at
                )
            elif outcome == "decline":
                decline_referral(referral=referral, reason=REASONS["decline"], by=seat, at=at)
            else:
                professional = self.stage.people[lead] if lead else None
                case = accept_referral(
                    referral=referral, reason=REASONS["accept"], lead_professional=professional, by=seat, at=at
                )
                self.stage.fates.setdefault(case.pk, fate)
                self.stage.stories[case.pk] = child
