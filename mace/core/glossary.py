"""The words of this work, each explained once. Pages show them through the tag `{% what_is "volt" %}`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word and its meaning in one or two plain sentences."""

    word: str
    meaning: str
    question: str = ""

    @property
    def asked(self) -> str:
        """The question under which a page offers the meaning."""
        return self.question or f"What is {self.word}?"


GLOSSARY: dict[str, Term] = {
    "mace": Term(
        "MACE",
        "Multi-Agency Child Exploitation: how the agencies of a safeguarding partnership work together when "
        "children and young people are harmed outside the family. The lead professional stays responsible for "
        "the child.",
    ),
    "pre_mace": Term(
        "pre-MACE",
        "The first meeting a referral comes to. It hears what each agency knows, agrees the risk and the "
        "plan, and passes on to the MACE panel what it cannot resolve.",
    ),
    "volt": Term(
        "VOLT",
        "Victims, Offenders, Locations and Themes: the four parts of an agenda. Looking at all four shows "
        "what a case by itself does not.",
    ),
    "nrm": Term(
        "the NRM",
        "The National Referral Mechanism decides whether someone is a victim of modern slavery or "
        "trafficking. A first responder, such as the police or a council, makes the referral. A child’s "
        "consent is not needed.",
    ),
    "sharing_decision": Term(
        "a sharing decision",
        "A record of which agency may see which information about a child, why it is needed, and until when. "
        "It can be ended, but what has been seen stays on record.",
    ),
    "scope": Term(
        "scope",
        "Which records your role lets you see: your own cases, your team’s, your agency’s, or those of the "
        "whole partnership.",
    ),
    "tier": Term(
        "a tier",
        "The level at which a case is discussed: pre-MACE, MACE, or the panel for young people aged 18 to 25. "
        "A case can be open at two tiers at the same time.",
    ),
    "twelve_week_review": Term(
        "the 12-week review",
        "A look at what has changed for the child, due 84 days after the case opened or was last reviewed. It "
        "asks whether the risk has gone down, what worked, and what is still needed.",
    ),
    "chase": Term(
        "a chase",
        "A reminder about an action. It goes to the owner first and, as the action gets later, to the "
        "manager, the agency lead, the chairs and the strategic board. It stops when the action is done or "
        "more time is agreed.",
    ),
    "person_of_concern": Term(
        "a person of concern",
        "Someone who may be harming children. Being recorded here is not proof of an offence. Anyone who is "
        "also a victim is always treated as a victim first.",
    ),
    "lead_professional": Term(
        "the lead professional",
        "The person responsible for the child’s plan, normally a social worker. MACE helps; it does not take "
        "the case over.",
        "Who is the lead professional?",
    ),
    "rationale_for_sharing": Term(
        "the rationale for sharing",
        "Why sensitive information had to be shared and recorded in this meeting: what it is for, why it is "
        "needed, and why no less would do.",
    ),
    "cawn": Term(
        "a CAWN",
        "A Child Abduction Warning Notice: a police letter that tells someone that a named child may not be "
        "with them. Ignoring it is not itself a crime but is evidence for other powers.",
    ),
}
