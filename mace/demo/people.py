"""The invented partnerships: Eastmere, where the demonstration happens, and Northgate, whose people are strangers.

Nobody here exists. Addresses end in example.org, which can never receive mail.
"""

from __future__ import annotations

from dataclasses import dataclass

from mace.accounts.models import Role
from mace.agencies.models import AgencyKind


@dataclass(frozen=True, slots=True)
class DemoAgency:
    key: str
    name: str
    kind: AgencyKind
    may_refer: bool = False
    teams: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """``chairs`` names the kinds of panel that the seat chairs; ``to_try`` stands on the sign-in page.

    A time-limited seat says what it is ``for_`` and ends after ``days``; ``deputy_for`` is the key of a colleague.
    """

    key: str
    name: str
    agency: str
    role: Role
    job_title: str
    to_try: str = ""
    team: str = ""
    chairs: tuple[str, ...] = ()
    for_: str = ""
    days: int | None = None
    deputy_for: str = ""

    @property
    def address(self) -> str:
        return f"{self.name.lower().replace('’', '').replace(' ', '.')}@example.org"


@dataclass(frozen=True, slots=True)
class DemoPartnership:
    slug: str
    name: str
    authority: tuple[str, str]
    agencies: tuple[DemoAgency, ...]
    people: tuple[DemoPerson, ...]
    core: tuple[str, ...]


EASTMERE = DemoPartnership(
    slug="eastmere",
    name="Eastmere Safeguarding Partnership",
    authority=("Eastmere", "E99000001"),
    core=("social_care", "police", "health", "education", "youth_justice"),
    agencies=(
        DemoAgency(
            "social_care",
            "Eastmere Children’s Services",
            AgencyKind.SOCIAL_CARE,
            teams=(
                ("adolescent", "Adolescent Safeguarding"),
                ("family", "Family Social Work"),
                ("looked_after", "Children Looked After"),
            ),
        ),
        DemoAgency("police", "Eastmere Police", AgencyKind.POLICE, teams=(("exploitation", "Exploitation Unit"),)),
        DemoAgency("health", "Eastmere Community NHS Trust", AgencyKind.HEALTH),
        DemoAgency("education", "Eastmere Education and Inclusion", AgencyKind.EDUCATION, may_refer=True),
        DemoAgency("youth_justice", "Eastmere Youth Justice Service", AgencyKind.YOUTH_JUSTICE),
        DemoAgency("early_help", "Eastmere Early Help", AgencyKind.EARLY_HELP),
        DemoAgency("housing", "Eastmere Homes", AgencyKind.HOUSING),
        DemoAgency("community_safety", "Eastmere Community Safety", AgencyKind.COMMUNITY_SAFETY),
        DemoAgency("probation", "Eastmere Probation", AgencyKind.PROBATION),
        DemoAgency("adult_social_care", "Eastmere Adult Social Care", AgencyKind.ADULT_SOCIAL_CARE),
        DemoAgency("substance_misuse", "Clearwater Recovery", AgencyKind.SUBSTANCE_MISUSE),
        DemoAgency("voluntary", "Lantern Youth Project", AgencyKind.VOLUNTARY, may_refer=True),
    ),
    people=(
        DemoPerson(
            "priya",
            "Priya Osei",
            "social_care",
            Role.PRACTITIONER,
            "Social worker",
            "File a referral, mend the one that came back, answer a 12-week review.",
            team="adolescent",
        ),
        DemoPerson(
            "tom",
            "Tom Hallam",
            "social_care",
            Role.PRACTITIONER,
            "Social worker",
            "The same work in the same team, with other children.",
            team="adolescent",
        ),
        DemoPerson(
            "leila",
            "Leila Brandt",
            "social_care",
            Role.PRACTITIONER,
            "Senior social worker",
            "A colleague of another team: sees none of Priya’s cases.",
            team="family",
        ),
        DemoPerson(
            "grace",
            "Grace Whitlock",
            "social_care",
            Role.MANAGER,
            "Team manager",
            "See the whole team’s cases and what is overdue in it.",
            team="adolescent",
        ),
        DemoPerson(
            "daniel",
            "Daniel Achterberg",
            "social_care",
            Role.COORDINATOR,
            "MACE coordinator",
            "Screen what waits, plan a meeting, invite agencies, publish the agenda, see what is overdue.",
        ),
        DemoPerson(
            "helen",
            "Helen Marchetti",
            "social_care",
            Role.CHAIR,
            "Head of safeguarding",
            "Run a meeting, record decisions and actions, approve the minutes.",
            chairs=("pre_mace", "operational", "strategic"),
        ),
        DemoPerson(
            "soraya",
            "Soraya Lindqvist",
            "social_care",
            Role.AGENCY_LEAD,
            "Service manager",
            "Hand out Children’s Services’ actions.",
        ),
        DemoPerson(
            "marcus",
            "Marcus Adeyemi",
            "police",
            Role.AGENCY_LEAD,
            "Detective inspector",
            "See only what was shared with the police; give an action to a colleague. Holds a second "
            "role: switch to it.",
        ),
        DemoPerson(
            "marcus_chair",
            "Marcus Adeyemi",
            "police",
            Role.CHAIR,
            "Co-chair of the operational panel",
            "The second role of the same person.",
            chairs=("operational",),
        ),
        DemoPerson(
            "joanna",
            "Joanna Pryce",
            "police",
            Role.AGENCY_MEMBER,
            "Detective constable",
            "Report on an action given to you and close it.",
            team="exploitation",
        ),
        DemoPerson(
            "amara",
            "Amara Nwosu",
            "health",
            Role.AGENCY_LEAD,
            "Named nurse for safeguarding",
            "Actions of the NHS trust, some with nobody’s name on them.",
        ),
        DemoPerson("peter", "Peter Novak", "health", Role.AGENCY_MEMBER, "School nurse", "Your own actions only."),
        DemoPerson(
            "ruth",
            "Ruth Castellano",
            "education",
            Role.AGENCY_LEAD,
            "Head of inclusion",
            "A partner that may file referrals as well.",
        ),
        DemoPerson(
            "owen", "Owen Tregarthen", "education", Role.AGENCY_MEMBER, "Attendance officer", "Your own actions only."
        ),
        DemoPerson(
            "nadia",
            "Nadia Rahmani",
            "youth_justice",
            Role.AGENCY_LEAD,
            "Operations manager",
            "What was shared with youth justice: some cases in full, some by name only.",
        ),
        DemoPerson(
            "callum", "Callum Reid", "youth_justice", Role.AGENCY_MEMBER, "Case manager", "Your own actions only."
        ),
        DemoPerson(
            "bea",
            "Bea Fairweather",
            "early_help",
            Role.AGENCY_LEAD,
            "Early help manager",
            "Actions of an agency that is seldom at the table.",
        ),
        DemoPerson(
            "stuart",
            "Stuart Okonjo",
            "housing",
            Role.AGENCY_LEAD,
            "Tenancy manager",
            "An agency that a sharing was withdrawn from: sees what it wrote, nothing else.",
        ),
        DemoPerson(
            "irene",
            "Irene Volkov",
            "community_safety",
            Role.AGENCY_LEAD,
            "Community safety manager",
            "Actions about places.",
        ),
        DemoPerson(
            "hugh",
            "Hugh Pemberton",
            "probation",
            Role.AGENCY_LEAD,
            "Senior probation officer",
            "Actions about people of concern.",
        ),
        DemoPerson(
            "mei",
            "Mei Tanaka",
            "adult_social_care",
            Role.AGENCY_LEAD,
            "Transition lead",
            "Young people who are nearly 18.",
        ),
        DemoPerson(
            "fergus",
            "Fergus Doyle",
            "substance_misuse",
            Role.AGENCY_LEAD,
            "Young people’s worker",
            "A service that works with one child.",
        ),
        DemoPerson(
            "zainab",
            "Zainab Yusuf",
            "voluntary",
            Role.AGENCY_LEAD,
            "Project lead",
            "A voluntary service that may file referrals.",
        ),
        DemoPerson(
            "eddie",
            "Eddie Marlowe",
            "voluntary",
            Role.AGENCY_MEMBER,
            "Youth worker",
            "File a referral from a youth club; report on your own actions.",
        ),
        DemoPerson(
            "catherine",
            "Catherine Bellamy",
            "police",
            Role.BOARD,
            "Chief superintendent",
            "Figures without any child in them, and what was escalated to the board.",
        ),
        DemoPerson("victor", "Victor Sandoval", "health", Role.BOARD, "Chief nurse", "Another member of the board."),
        DemoPerson(
            "anneke",
            "Anneke Visser",
            "social_care",
            Role.ANALYST,
            "Performance analyst",
            "Figures in which no child can be worked out.",
        ),
        DemoPerson(
            "rowan",
            "Rowan Castle",
            "social_care",
            Role.INFORMATION_GOVERNANCE,
            "Information governance officer",
            "What this role sees of the partnership, and what it does not.",
        ),
        DemoPerson(
            "gita",
            "Gita Patel",
            "social_care",
            Role.ADMINISTRATOR,
            "System administrator",
            "The agencies and their people, and no case at all.",
        ),
        DemoPerson(
            "lorna",
            "Lorna Eastwood",
            "youth_justice",
            Role.AGENCY_LEAD,
            "Deputy team leader",
            "Stands in for the agency’s lead until a date.",
            for_="Standing in during leave",
            days=45,
            deputy_for="nadia",
        ),
        DemoPerson(
            "hana",
            "Hana Sobczak",
            "social_care",
            Role.MINUTE_TAKER,
            "Business support officer",
            "Writes the draft minutes of one meeting, and sees no other.",
            for_="Minutes of the next pre-MACE panel",
            days=35,
        ),
        DemoPerson(
            "tobias",
            "Tobias Grant",
            "police",
            Role.AUDITOR,
            "Review officer",
            "Reads the two cases sampled for an audit, and changes nothing.",
            for_="Case-file audit: two sampled cases",
            days=28,
        ),
        DemoPerson(
            "ines",
            "Ines Carvalho",
            "health",
            Role.ANALYST_IDENTIFIABLE,
            "Public health analyst",
            "Reads the cases of one study at summary, until it ends.",
            for_="Study of first contact with health services",
            days=60,
        ),
    ),
)

NORTHGATE = DemoPartnership(
    slug="northgate",
    name="Northgate Safeguarding Partnership",
    authority=("Northgate", "E99000002"),
    core=("social_care", "police"),
    agencies=(
        DemoAgency(
            "social_care",
            "Northgate Children’s Services",
            AgencyKind.SOCIAL_CARE,
            teams=(("adolescent", "Adolescents"),),
        ),
        DemoAgency("police", "Northgate Police", AgencyKind.POLICE),
    ),
    people=(
        DemoPerson(
            "dilys",
            "Dilys Morgan",
            "social_care",
            Role.PRACTITIONER,
            "Social worker",
            "A stranger to Eastmere: opens none of its cases.",
            team="adolescent",
        ),
        DemoPerson(
            "kofi",
            "Kofi Mensah",
            "social_care",
            Role.COORDINATOR,
            "MACE coordinator",
            "Coordinates another partnership.",
        ),
        DemoPerson(
            "sian",
            "Sian Blackwood",
            "social_care",
            Role.CHAIR,
            "Chair",
            "Chairs another partnership’s panels.",
            chairs=("pre_mace", "operational", "strategic"),
        ),
        DemoPerson(
            "ivan",
            "Ivan Petrov",
            "police",
            Role.AGENCY_LEAD,
            "Detective inspector",
            "Police of another partnership: a case of Eastmere is not found.",
        ),
    ),
)

PARTNERSHIPS = (EASTMERE, NORTHGATE)

PANELS = (
    ("pre_mace", "Pre-MACE panel", 120),
    ("operational", "Operational MACE panel", 150),
    ("strategic", "Strategic MACE board", 120),
)

LADDER = (
    # code, days after the due date, who is told: owner, manager, agency lead, chairs, board
    ("week_before", -7, True, False, False, False, False),
    ("on_the_day", 0, True, False, False, False, False),
    ("day_after", 1, True, True, False, False, False),
    ("week_after", 7, True, False, True, False, False),
    ("fortnight_after", 14, True, False, False, True, False),
    ("four_weeks_after", 28, True, False, False, False, True),
)
