"""Eighty invented children and what is told about them. The same seed gives the same children, whatever day it is.

Names are drawn from lists; no street, school or shop here exists. NHS numbers are of the range kept for tests.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

SEED = 20261
FORENAMES = {
    "F": (
        "Aaliyah",
        "Bronte",
        "Chanel",
        "Destiny",
        "Elif",
        "Freya",
        "Gabriela",
        "Hana",
        "Imogen",
        "Jasmine",
        "Keira",
        "Lucia",
        "Mariam",
        "Niamh",
        "Oyinda",
        "Paige",
        "Rhiannon",
        "Saoirse",
        "Tamsin",
        "Yasmin",
    ),
    "M": (
        "Abdul",
        "Bailey",
        "Connor",
        "Dwayne",
        "Emre",
        "Finlay",
        "Giorgio",
        "Harvey",
        "Idris",
        "Jayden",
        "Kacper",
        "Leon",
        "Malachi",
        "Nathaniel",
        "Omari",
        "Perry",
        "Reece",
        "Samir",
        "Tyrell",
        "Usman",
        "Vinnie",
        "Wesley",
        "Xavier",
        "Yusuf",
    ),
}
SURNAMES = (
    "Abernathy",
    "Boateng",
    "Calloway",
    "Dempster",
    "Ekwueme",
    "Fairbrother",
    "Galbraith",
    "Hakimi",
    "Inglethorpe",
    "Jankowski",
    "Kingsnorth",
    "Lovelace",
    "Mbeki",
    "Nightingale",
    "Okafor",
    "Penhaligon",
    "Quarshie",
    "Rutherglen",
    "Sinclair",
    "Thistlewood",
    "Umarov",
    "Vandermeer",
    "Wetherby",
    "Yildiz",
    "Zielinski",
    "Ashdown",
    "Birtwhistle",
    "Crossley",
    "Delgado",
    "Eastwell",
)
STREETS = (
    "Harrow Fold",
    "Millpond Lane",
    "Tanner’s Row",
    "Cobbler’s Rise",
    "Saltmarsh Road",
    "Lime Kiln Way",
    "Ferry Stairs",
)
SCHOOLS = (
    "Eastmere High School",
    "St Osyth’s School",
    "The Quayside Academy",
    "Larkfield Pupil Referral Unit",
    "Eastmere College",
)
ETHNICITIES = (
    ("WBRI",) * 6
    + ("BAFR",) * 4
    + ("BCRB",) * 4
    + ("MWBC", "MWBA", "ABAN", "APKN", "WOTH", "WOTH", "BOTH", "OOTH", "AOTH")
)


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of children harmed in one way. ``{name}`` is the forename, ``{they}`` and so on the pronouns."""

    category: str
    others: tuple[str, ...]
    factors: tuple[str, ...]
    account: str
    short: str
    threshold: str
    words: str
    wants: str
    themes: tuple[str, ...]
    rationale: str
    protective: str
    plan: str
    steps: tuple[tuple[str, str], ...]
    discussion: str
    action: tuple[tuple[str, str], ...]


STORIES = (
    Story(
        "CCE",
        ("county_lines",),
        ("missing", "exclusion", "debt"),
        "{name} came home with new trainers and two phones that nobody at home had bought. {They} told a "
        "teaching assistant that {they} "
        "“owe someone” and must “work it off”. {Name_s} mother found cash and a train ticket to the "
        "coast. Fact: two phones, £140, "
        "ticket. Opinion of the school: {they} {is} frightened of somebody older.",
        "Unexplained phones, cash and train travel; says a debt must be worked off. Thought to be made to carry drugs.",
        "{name} is likely to be harmed if {their} name is not known to the agencies who could interrupt this.",
        "I can’t say no to them now. If I stop they’ll come to my mum’s.",
        "To be left alone, and for {their} mum to be safe at home.",
        ("safety", "money", "home"),
        "Debt, travel and possessions that cannot be explained, over six weeks, and fear of a named older group.",
        "A mother who tells what she sees; football on Saturdays; one teacher whom {they} trust.",
        "Keep {name} at home at night, put distance between {them} and the group, and find out who holds the debt.",
        (
            ("Call the police each time {they} {is} missing, with the photo ready", "Mother"),
            ("Meet {name} twice a week after school", "Youth worker"),
        ),
        "School and police described the same two older boys. The journeys begin at the bus station on "
        "Fridays. Nobody had told the mother what to keep.",
        (
            ("Check the two phone numbers and report what is known of who uses them", "police"),
            ("Change the school day so that the child does not pass the bus station alone", "education"),
        ),
    ),
    Story(
        "CSE",
        ("ONL",),
        ("missing", "self_harm", "online"),
        "{name} meets men of about twenty whom {they} first spoke to online. {They} came back at four in "
        "the morning with a bruised arm and "
        "said it was a fall. A sexual-health nurse saw {them} twice in a month. Fact: late return, "
        "bruise, visits. Opinion: {they} {is} "
        "being passed between friends of the first man.",
        "Meets older men first known online; late returns and injuries. Thought to be sexually exploited "
        "by more than one.",
        "Without a shared record each agency sees one night, and none sees the pattern.",
        "They’re my friends. You wouldn’t get it. He gets angry if I don’t answer.",
        "To keep {their} phone, and that nobody shouts at {them}.",
        ("friends", "adults", "online"),
        "Injury, late returns and contact with several adults who are known to one another.",
        "An aunt who will have {them} stay; {they} still {goes} to college most days.",
        "Build one safe adult around {name}, agree what happens after dark, and disrupt the men.",
        (
            ("Agree a time to be home, and whom to ring", "Aunt and {name}"),
            ("Offer the clinic without appointment", "School nurse"),
        ),
        "Health and the college each knew one half. The address visited is a flat above a shop. The aunt "
        "was not known to the police.",
        (
            ("Visit the flat and consider an abduction warning notice", "police"),
            ("See the child at the clinic within a week and record injuries", "health"),
        ),
    ),
    Story(
        "county_lines",
        ("CCE", "SYV"),
        ("missing", "substance_use", "family_breakdown"),
        "{name} was found 80 miles away in the flat of a man with a drug habit, after five days missing. "
        "{They} had a burn on {their} hand and "
        "no coat. {They} would not say how {they} came there. Fact: place, days missing, burn. "
        "Intelligence from another force: the flat "
        "is used to sell.",
        "Found 80 miles away after five days missing, in a flat used to sell drugs; injured and silent.",
        "Several forces and councils hold parts of this and none can act on its part alone.",
        "I’m fine. Don’t ask me about it.",
        "{They} would not say. {They} asked twice whether {their} sister knew.",
        ("home",),
        "Continuing exploitation with injury, over a long distance, and threats against a sister.",
        "A grandmother; a place at college that is being held.",
        "Make the way back safe, treat the injury, keep the sister in view, and tell the other force at once.",
        (
            ("Return interview by somebody {name} knows", "Lantern Youth Project"),
            ("Safety plan for the sister’s school", "Education"),
        ),
        "The line is known by name in two areas. The grandmother can have both children for a fortnight. "
        "NRM was not yet considered.",
        (
            ("Refer to the NRM or record why not", "social_care"),
            ("Give the other force the child’s name and photograph", "police"),
        ),
    ),
    Story(
        "SYV",
        ("CCE",),
        ("exclusion", "police_contact", "bereavement"),
        "{name} was stabbed in the leg outside a shop and left hospital before {they} {was} seen by the "
        "police. Two days later {they} {was} seen "
        "carrying a knife. {They} {has} been out of school since a friend was killed. Fact: injury, "
        "absence. Opinion of the hospital: "
        "{they} will go back to where it happened.",
        "Stabbed, then seen with a knife; out of school since a friend was killed. Risk of being hurt or hurting.",
        "The next injury may be the last one; hospital, school and police must know of one another.",
        "If I don’t carry I’m dead. That’s just how it is here.",
        "To move away. To go back to boxing.",
        ("safety", "place", "future"),
        "Injury within the last month, weapon, grief, and a conflict that has not ended.",
        "A boxing coach who rings every day; {they} {is} kind to younger children.",
        "A safe way to travel, somebody at {their} side this month, and a school place.",
        (("Pick {name} up from home for boxing", "Coach"), ("Hospital navigator to visit within 48 hours", "Health")),
        "The conflict has three names in it, two of them children. The bus route is where it happens. "
        "Education can offer a place in ten days.",
        (
            ("Offer a school place and a start date", "education"),
            ("Agree who mediates between the two families", "youth_justice"),
        ),
    ),
    Story(
        "ONL",
        ("YPSI", "CSE"),
        ("online", "mental_health", "self_harm"),
        "Somebody who said he was fifteen asked {name} for pictures, then for money to keep them from "
        "{their} school. {They} paid three times. "
        "{Name_s} father found the messages when {they} stopped eating. Fact: messages, payments. The "
        "account is run from abroad, police think.",
        "Blackmailed online over pictures; has paid. Has stopped eating and hurts {themselves}.",
        "{name} needs protection now, and the account may have other children on its list.",
        "Everyone’s going to see them. I can’t go in.",
        "That the pictures are gone and that nobody at school knows.",
        ("online", "school"),
        "Continuing threats, payments and self-harm; no adult met face to face.",
        "Both parents at home and now told; a form tutor.",
        "Stop the contact without taking the phone away, have pictures removed, watch over {name} at night.",
        (("Report the pictures for removal", "Father and police"), ("Check in each morning", "Form tutor")),
        "Police have four other children with the same account name. The school can hold lessons apart for two weeks.",
        (
            ("Tell the other four families how to report", "police"),
            ("Urgent appointment with child mental health", "health"),
        ),
    ),
    Story(
        "P2P",
        ("HSB",),
        ("learning", "discrimination"),
        "{name} is made to fetch and carry for a group in {their} year, and to film what they do to "
        "others. {They} {was} filmed {themselves} being "
        "hit in the park. Fact: three films. {They} {has} a learning difficulty and wants to belong.",
        "Used and humiliated by a group of the same age, on film. Has a learning difficulty.",
        "The children in the films, and those who film, all need help and no one school has them all.",
        "They’re all right really. They let me sit with them.",
        "To have friends.",
        ("friends",),
        "Repeated humiliation and coercion by peers, with a place where it happens.",
        "A sister two years above; an after-school club.",
        "Change where {name} spends breaks and evenings, work with the group, and look at the park.",
        (("Buddy at break times", "School"), ("Walk home with the sister on club days", "Family")),
        "Eight children are in the films. Two are younger than ten. The park has no light after four.",
        (
            ("Walk the park with young people and report what they say of it", "community_safety"),
            ("Meet the group’s parents one by one", "education"),
        ),
    ),
)
PRONOUNS = {
    "F": {
        "they": "she",
        "them": "her",
        "their": "her",
        "themselves": "herself",
        "is": "is",
        "was": "was",
        "has": "has",
        "goes": "goes",
    },
    "M": {
        "they": "he",
        "them": "him",
        "their": "his",
        "themselves": "himself",
        "is": "is",
        "was": "was",
        "has": "has",
        "goes": "goes",
    },
}


@dataclass(frozen=True, slots=True)
class InventedChild:
    number: int
    forename: str
    surname: str
    sex: str
    born: dt.date
    ethnicity: str
    nhs_number: str
    address: str
    school: str
    education: str
    legal_status: str
    language: str
    story: Story

    def say(self, text: str) -> str:
        """A text of the story with this child's name and pronouns."""
        words = PRONOUNS[self.sex]
        return text.format(name=self.forename, Name_s=f"{self.forename}’s", They=words["they"].capitalize(), **words)


def nhs_numbers() -> Iterator[str]:
    """Numbers of the test range 999 000 0000 and on, with valid check digits (modulus 11)."""
    for serial in range(1000):
        digits = f"999000{serial:03}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            yield digits + str(check % 11)


def invented_children(*, today: dt.date, count: int = 80) -> list[InventedChild]:
    """So many children, aged 11 to 19 on that day, no two with the same name."""
    draw = random.Random(SEED)  # noqa: S311 (people of a demonstration, not keys)
    numbers = nhs_numbers()
    seen: set[tuple[str, str]] = set()
    children: list[InventedChild] = []
    while len(children) < count:
        sex = draw.choices("MF", weights=(6, 4))[0]
        forename, surname = draw.choice(FORENAMES[sex]), draw.choice(SURNAMES)
        if (forename, surname) in seen:
            continue
        seen.add((forename, surname))
        age = draw.choices(range(11, 20), weights=(1, 2, 4, 8, 10, 9, 7, 2, 1))[0]
        looked_after = draw.random() < 0.25
        children.append(
            InventedChild(
                number=len(children),
                forename=forename,
                surname=surname,
                sex=sex,
                born=today - dt.timedelta(days=age * 365 + age // 4 + draw.randrange(5, 355)),
                ethnicity=draw.choice(ETHNICITIES),
                nhs_number=next(numbers),
                address=f"{draw.randrange(1, 90)} {draw.choice(STREETS)}, Eastmere",
                school=draw.choice(SCHOOLS),
                education="college"
                if age > 16
                else draw.choice(("mainstream", "mainstream", "mainstream", "PRU", "alternative", "CME")),
                legal_status="CLA" if looked_after else draw.choice(("CPP", "CIN", "CIN", "EH", "NONE")),
                language=draw.choice(("English",) * 6 + ("Polish", "Somali", "Turkish", "Portuguese")),
                story=STORIES[len(children) % len(STORIES)] if draw.random() < 0.5 else draw.choice(STORIES),
            )
        )
    return children
