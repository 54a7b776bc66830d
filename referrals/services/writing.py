"""From the pages of a draft to the rows that others read. Used by submission only, inside its transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Max

from mace.access.models import Kind
from mace.access.services import Opened, open_records, set_about
from mace.core.clock import london_date
from mace.core.names import name_key
from mace.core.seat import Seat
from referrals.enums import PrerequisiteKind, Section
from referrals.models import (
    Child,
    ChildIdentity,
    ChildProfile,
    ChildVoice,
    Circumstances,
    Concern,
    DomainScore,
    Matter,
    PlanStep,
    Prerequisite,
    Referral,
    RiskAssessment,
    SafetyPlan,
    ToldConsent,
)
from referrals.sections import (
    AroundSection,
    ChildSection,
    ConcernSection,
    HarmSection,
    PlanSection,
    RiskSection,
    SectionForm,
    SituationSection,
    SubjectSection,
    SurroundingsSection,
)
from referrals.selectors.codes import label
from referrals.selectors.risk_tool import tool_version
from referrals.services.addresses import address_changes, keep_protected

Forms = dict[str, SectionForm]
IDENTITY_FIELDS = ("aliases", "date_of_birth", "nhs_number", "upn", "local_id", "address")
CONCERN_FIELDS = ("primary_category", "other_categories", "wider_factors", "account", "short_account", "threshold")


def write_parts(*, referral: Referral, forms: Forms, changed: set[str], by: Seat, at: dt.datetime) -> None:
    """Write everything that the pages ``changed`` say; the referral's child is set, and saved by the caller."""
    write_child(referral=referral, form=cast("ChildSection", forms[Section.CHILD]), by=by, at=at)
    if changed & {Section.SITUATION, Section.CONCERN}:
        write_concern(referral=referral, forms=forms, by=by)
    if changed & {Section.SITUATION, Section.AROUND, Section.SURROUNDINGS}:
        write_circumstances(referral=referral, forms=forms, by=by)
    if Section.PREREQUISITES in changed:
        write_prerequisites(referral=referral, form=forms[Section.PREREQUISITES], by=by)
    if Section.TOLD in changed:
        write_told(referral=referral, form=forms[Section.TOLD], by=by)
    if Section.VOICE in changed:
        write_voice(referral=referral, form=forms[Section.VOICE], by=by, at=at)
    if Section.RISK in changed:
        write_assessment(referral=referral, form=cast("RiskSection", forms[Section.RISK]), by=by, at=at)
    if Section.PLAN in changed:
        write_plan(referral=referral, form=cast("PlanSection", forms[Section.PLAN]), by=by, at=at)


def _by(by: Seat) -> dict[str, int]:
    return {"written_by_id": by.membership_id, "written_by_principal": by.principal}


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child not known before. ``at``: the moment that sorts the record in lists."""

    identity: Mapping[str, object]
    profile: Mapping[str, object]
    forename: str
    surname: str
    at: dt.datetime


def new_child(**said: Any) -> int:
    """A record for a child not known before (``NewChild``); answers its id."""
    return new_children([NewChild(**said)])[0]


def new_children(children: Sequence[NewChild]) -> list[int]:
    """Their records' ids, in the order given. Only the seat is granted them until they are linked."""
    keys = open_records([Opened(Kind.CHILD, child.at) for child in children])
    made = list(zip(keys, children, strict=True))
    Child.objects.bulk_create(Child(record_id=key, created_at=child.at) for key, child in made)
    ChildIdentity.objects.bulk_create(
        ChildIdentity(
            record_id=key,
            child_id=key,
            forename=child.forename,
            surname=child.surname,
            name_key=name_key(child.forename, child.surname),
            **child.identity,
        )
        for key, child in made
    )
    ChildProfile.objects.bulk_create(ChildProfile(record_id=key, child_id=key, **child.profile) for key, child in made)
    return keys


def write_matter(*, referral: Referral, forms: Forms, by: Seat) -> None:
    """Write what is about no child, whole, and set how the referral is handled; that is saved by the caller."""
    subject = cast("SubjectSection", forms[referral.about])
    harm, source = cast("HarmSection", forms[Section.HARM]), forms[Section.SOURCE].cleaned_data
    referral.handling = source["handling"]
    values: dict[str, object] = {
        name: source.get(name, "") for name in ("source", "source_grade", "assessment", "basis", "none_because")
    } | {
        "words": source.get("may_be_said", ""),
        "name": subject.cleaned_data["name"],
        "harms": harm.cleaned_data["harms"],
        "urgent": harm.cleaned_data["urgent"],
        "facts": subject.facts(),
        "said": {section: form.as_rows() for section, form in forms.items()},
        "attachment_id": harm.attachment_id,
    }
    Matter.objects.update_or_create(
        referral=referral,
        defaults=values,
        create_defaults=values | {"record_id": referral.record_id, **_by(by)},
    )


def write_child(*, referral: Referral, form: ChildSection, by: Seat, at: dt.datetime) -> None:
    """Make the child, or link the one chosen (whose details stay as they are), or mend what this referral made.

    An address that must be protected goes to its own record and nowhere else, whoever the child is.
    """
    said = dict(form.cleaned_data)
    protected = form.protects_address
    if protected:
        said["address"] = ""
    elif form.asked.address_kept:
        address_changes(record_id=referral.record_id, day=london_date(at))
    identity = {name: said[name] for name in IDENTITY_FIELDS} | {"birth_day_known": form.birth_day_known}
    profile = {name: said[name] for name in ("sex", "ethnicity", "first_language")}
    names = {"forename": said["forename"], "surname": said["surname"]}
    before = referral.child_id
    match = form.chosen_match
    if match is not None:
        referral.child_id, referral.made_child = match.child_id, False
    elif referral.made_child:
        ChildIdentity.objects.filter(child_id=before).update(**identity, **names, name_key=name_key(*names.values()))
        ChildProfile.objects.filter(child_id=before).update(**profile)
    else:
        referral.child_id, referral.made_child = new_child(identity=identity, profile=profile, **names, at=at), True
    if referral.child_id != before:
        assert referral.child_id is not None
        set_about(record_id=referral.record_id, child_id=referral.child_id)
    if protected and form.cleaned_data["address"]:
        keep_protected(
            referral=referral,
            address=form.cleaned_data["address"],
            reason=form.cleaned_data["address_reason"],
            since_on=london_date(at),
            by=by,
            at=at,
        )


def write_concern(*, referral: Referral, forms: Forms, by: Seat) -> None:
    stands, form = forms[Section.SITUATION].cleaned_data, cast("ConcernSection", forms[Section.CONCERN])
    said = form.cleaned_data
    values = {name: said[name] for name in CONCERN_FIELDS} | {
        name: stands[name] for name in ("legal_status", "education_status", "school")
    }
    values["attachment_id"] = form.attachment_id
    Concern.objects.update_or_create(
        referral=referral,
        defaults=values | {"key_team": by.team_name},
        create_defaults=values | {"key_team": by.team_name, "record_id": referral.record_id, **_by(by)},
    )


def write_circumstances(*, referral: Referral, forms: Forms, by: Seat) -> None:
    """What the pages on care, family and surroundings say; a page that was left out says nothing."""
    situation = cast("SituationSection", forms[Section.SITUATION])
    stands = situation.cleaned_data
    values: dict[str, object] = {
        name: stands[name]
        for name in ("known_to", "care_leaver", "separated", "attendance", "sen_provision", "sen_needs", "home_told")
    }
    values |= {
        "neurodiversity": situation.neurodiversity(),
        "placed_here": stands["lives_here"],
        "placing_authority": stands["placing_authority"] if stands["lives_here"] == "yes" else "",
        "home_told_on": stands["home_told_on"] if stands["home_told"] == "yes" else None,
    }
    if Section.AROUND in forms:
        values["around"] = cast("AroundSection", forms[Section.AROUND]).people()
    if Section.SURROUNDINGS in forms:
        values |= _surroundings(cast("SurroundingsSection", forms[Section.SURROUNDINGS]))
    Circumstances.objects.update_or_create(
        referral=referral,
        defaults=values,
        create_defaults=values | {"record_id": referral.record_id, **_by(by)},
    )


def _surroundings(form: SurroundingsSection) -> dict[str, object]:
    said = form.cleaned_data
    was_missing = said["missing"] == "yes"
    return {
        "contexts": form.worries(),
        "moments": form.moments(),
        "missing_times": said["missing_times"] if was_missing else None,
        "missing_last_on": said["missing_last_on"] if was_missing else None,
        **{name: said[name] for name in ("missing", "missing_about", "nrm", "nrm_reason", "family_breakdown")},
    }


def write_prerequisites(*, referral: Referral, form: SectionForm, by: Seat) -> None:
    said = form.cleaned_data
    for kind in PrerequisiteKind:
        met = said[f"{kind.value}_met"] == "yes"
        values = {
            "met": met,
            "met_on": said[f"{kind.value}_on"] if met else None,
            "reason": "" if met else said[f"{kind.value}_reason"],
            "detail": said["police_report_detail"] if met and kind == PrerequisiteKind.POLICE_REPORT else "",
        }
        Prerequisite.objects.update_or_create(
            referral=referral,
            kind=kind,
            defaults=values,
            create_defaults=values | {"record_id": referral.record_id, "kind": kind, **_by(by)},
        )


def write_told(*, referral: Referral, form: SectionForm, by: Seat) -> None:
    said = form.cleaned_data
    values: dict[str, object] = {"views": said["views"], "consent": said["consent"]}
    values |= {"capacity": said.get("capacity", ""), "care_act": said.get("care_act", "")}
    values |= {"parents_told": None, "parents_not_told_reason": ""}
    for who in ("child", "parents"):
        if f"{who}_told" not in said:
            continue
        told = said[f"{who}_told"] == "yes"
        values[f"{who}_told"] = told
        values[f"{who}_not_told_reason"] = "" if told else said[f"{who}_not_told_reason"]
    ToldConsent.objects.update_or_create(
        referral=referral,
        defaults=values,
        create_defaults=values | {"record_id": referral.record_id, **_by(by)},
    )


def _written(referral: Referral, by: Seat, at: dt.datetime) -> dict[str, Any]:
    return {
        "record_id": referral.record_id,
        "child_id": referral.child_id,
        "written_at": at,
        "effective_on": london_date(at),
        **_by(by),
    }


def write_voice(*, referral: Referral, form: SectionForm, by: Seat, at: dt.datetime) -> None:
    said = form.cleaned_data
    ChildVoice.objects.create(
        words=said["words_said"],
        way_words=label("voice_way", said["way"]) if said["way"] else "",
        **{name: said[name] for name in ("observed", "wants", "way", "with_whom", "themes")},
        **_written(referral, by, at),
    )


def write_assessment(*, referral: Referral, form: RiskSection, by: Seat, at: dt.datetime) -> None:
    """A rating below what the scores suggest has its reason; who screens the referral is shown that."""
    record_assessment(form, **_written(referral, by, at))


def record_assessment(form: RiskSection, **more: Any) -> RiskAssessment:
    """The assessment and its scores as a checked form says them. ``more``: whose it is, and when."""
    said = form.cleaned_data
    made = RiskAssessment.objects.create(
        tool_version=tool_version(),
        rating=said["rating"],
        rationale=said["rationale"],
        lowering_reason=said["lowering_reason"],
        total=form.total(),
        attachment_id=form.attachment_id,
        domains=len(form.domains),
        suggested=form.suggested(),
        **form.factors(),
        **more,
    )
    DomainScore.objects.bulk_create(
        DomainScore(record_id=made.record_id, assessment=made, **scored._asdict()) for scored in form.scores()
    )
    return made


def write_plan(*, referral: Referral, form: PlanSection, by: Seat, at: dt.datetime) -> None:
    last = SafetyPlan.objects.filter(record_id=referral.record_id).aggregate(last=Max("version"))["last"] or 0
    record_plan(form, version=last + 1, **_written(referral, by, at))


def record_plan(form: PlanSection, **more: Any) -> SafetyPlan:
    """The plan and its steps as a checked form says them. ``more``: whose it is, and which version."""
    said = form.cleaned_data
    made = SafetyPlan.objects.create(
        made_with=said["made_with"],
        made_with_ticks=form.made_with_words(),
        summary=said["summary"],
        blocked=said["blocked"],
        attachment_id=form.attachment_id,
        **more,
    )
    PlanStep.objects.bulk_create(PlanStep(record_id=made.record_id, plan=made, **step) for step in form.steps())
    return made
