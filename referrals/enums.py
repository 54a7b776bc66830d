"""Words with rules behind them. Lists without rules are reference data (``referrals.models.Code``)."""

from __future__ import annotations

from django.db import models


class ReferralStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    WITH_MANAGER = "manager", "With the manager"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned for information"
    ACCEPTED = "accepted", "Accepted"
    REDIRECTED = "redirected", "Redirected"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class About(models.TextChoices):
    """What a referral is about (London peer review 2022, paragraph 6)."""

    CHILD = "child", "A child or young person"
    PERSON = "person", "A person of concern"
    PLACE = "place", "A place"
    GROUP = "group", "A peer group"
    THEME = "theme", "A theme"


class Rating(models.TextChoices):
    """The practitioner's judgement; descriptors in ``referrals.reference`` (Lewisham report 2024, 5.4)."""

    EMERGING = "emerging", "Emerging"
    MODERATE = "moderate", "Moderate"
    SIGNIFICANT = "significant", "Significant"


class Confidence(models.TextChoices):
    """In what a score rests on."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Outcome(models.TextChoices):
    """Of the manager's look at an assessment that lowers the rating."""

    CONFIRMED = "confirmed", "Confirmed"
    SENT_BACK = "sent_back", "Sent back"


class StepState(models.TextChoices):
    """How a step of the safety plan stands, as the plan says."""

    TO_DO = "to_do", "To do"
    UNDER_WAY = "under_way", "Under way"
    DONE = "done", "Done"
    NOT_WORKING = "not_working", "Not working"


class Informant(models.TextChoices):
    """Who completed the strengths and difficulties questionnaire."""

    PARENT = "parent", "Parent or carer"
    TEACHER = "teacher", "Teacher"
    SELF = "self", "The young person"


class DifficultiesBand(models.TextChoices):
    """The four bands of the total, lowest first; where each begins is the list ``difficulties_band``."""

    AVERAGE = "average", "Close to average"
    RAISED = "raised", "Slightly raised"
    HIGH = "high", "High"
    VERY_HIGH = "very_high", "Very high"


class Tier(models.TextChoices):
    PRE_MACE = "pre_mace", "Pre-MACE"
    MACE = "mace", "MACE"
    OVER_18 = "over_18", "18 to 25 panel"


class TierOutcome(models.TextChoices):
    CLOSED = "closed", "Closed: the risk has reduced"
    ESCALATED = "escalated", "Escalated to MACE"
    STEPPED_DOWN = "stepped_down", "Stepped down"
    TRANSFERRED = "transferred", "Transferred"


class Section(models.TextChoices):
    """The pages of a referral: of a child's in the order of its task list, then of one that is about no child."""

    CHILD = "child", "The child"
    SITUATION = "situation", "Care, school and health"
    AROUND = "around", "Family and professionals"
    CONCERN = "concern", "The concern"
    SURROUNDINGS = "surroundings", "What surrounds the concern"
    PREREQUISITES = "prerequisites", "Before a referral"
    TOLD = "told", "Told and consent"
    VOICE = "voice", "The child’s voice"
    RISK = "risk", "Risk assessment"
    PLAN = "plan", "Safety plan"
    MENTIONS = "mentions", "People, places and themes"
    PERSON = "person", "The person"
    PLACE = "place", "The place"
    GROUP = "group", "The peer group"
    THEME = "theme", "The theme"
    HARM = "harm", "What has happened"
    SOURCE = "source", "Where it comes from"
    ASK = "ask", "What you ask for"


class PrerequisiteKind(models.TextChoices):
    """London peer review 2022, appendix 2; protocol pages 33 to 34."""

    STRATEGY_DISCUSSION = "strategy_discussion", "Strategy discussion held"
    CHILD_PROTECTION = "child_protection", "Child-protection procedures followed"
    POLICE_REPORT = "police_report", "Police exploitation report made"


class Consent(models.TextChoices):
    """Consent to support; the basis for sharing does not rest on it."""

    GIVEN = "given", "Given"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    NOT_SOUGHT = "not_sought", "Not sought"


class ConsentBy(models.TextChoices):
    """Who said it. From 18 only the young person does."""

    PERSON = "person", "The child or young person"
    PARENT = "parent", "A parent or carer"


class Capacity(models.TextChoices):
    """Of a person of 18 or over, to decide about being helped (Mental Capacity Act 2005)."""

    HAS = "has", "Has capacity to decide about this"
    LACKS = "lacks", "Lacks capacity to decide about this"
    NOT_ASSESSED = "not_assessed", "There is doubt, and it was not assessed yet"


class ReviewStatus(models.TextChoices):
    DUE = "due", "Waiting for the lead professional"
    ANSWERED = "answered", "Answered"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Cancelled: the case closed"


class Recommendation(models.TextChoices):
    KEEP_OPEN = "keep_open", "Keep open at this tier"
    ESCALATE = "escalate", "Escalate to MACE"
    CLOSE = "close", "Close"


class StepReviewed(models.TextChoices):
    """How a step of the safety plan stands when it is reviewed."""

    DONE = "done", "Done"
    UNDER_WAY = "under_way", "Under way"
    NOT_WORKING = "not_working", "Not working"
    NOT_NEEDED = "not_needed", "No longer needed"


class Occasion(models.TextChoices):
    """When criteria are answered."""

    SCREENING = "screening", "Screening"
    ESCALATION = "escalation", "Escalation to MACE"
    MATTER = "matter", "Screening where no child is referred"


class Answered(models.TextChoices):
    """How a criterion is answered."""

    MET = "met", "Met"
    NOT_MET = "not_met", "Not met"
    NOT_KNOWN = "not_known", "Not known"


class Interview(models.TextChoices):
    """How far the return home interview has come; nothing at all is not offered yet."""

    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DONE = "done", "Done"
    DECLINED = "declined", "Declined"
