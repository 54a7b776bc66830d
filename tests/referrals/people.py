"""Invented people as they are spread in an English city, and the ways in which one of them gets typed twice.

Names are common ones put together at random; a few are borne by many, as in life. The same seed gives the same people.
"""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mace.core.numbers import nhs_number

# Of a hundred people how many, their first names, their surnames; the commonest first.
ORIGINS: dict[str, tuple[int, str, str]] = {
    "British": (
        48,
        (
            "Oliver Jack Amelia Olivia Harry George Emily Isla Charlie Thomas Ava Poppy Alfie Jacob Sophie Grace "
            "Oscar Jessica Lily Joshua Daniel Ella Freya Ethan Chloe Archie Ruby Logan Megan Callum Rhys Katherine "
            "Rebecca Stephen Niamh Catherine Geoffrey Phoebe Sian Zoë Chloë Siobhán Connor Hannah Elizabeth Matthew "
            "Nicholas Alexandra Mary-Jane William James Evie Mia Lucy Max Leo Henry Benjamin Mason Holly Molly "
            "Scarlett Imogen Florence Rosie Erin Abigail Bethany Jasmine Lauren Paige Courtney Summer Tilly Kieran "
            "Liam Owen Dylan Harvey Toby Adam Luke Nathan Ryan Bradley Declan Finley Edward Arthur Theodore Stanley "
            "Ellie-Mae Harriet Matilda Eleanor Victoria Gemma Heather Rowan Morgan Ffion Gethin Eilidh Hamish"
        ),
        (
            "Smith Jones Williams Brown Taylor Davies Wilson Evans Thomas Johnson Roberts Walker Wright Robinson "
            "Thompson White Hughes Edwards Green Hall Wood Harris Lewis Martin Jackson Clarke Turner Hill Cooper Ward "
            "O’Brien O’Neill Phillips Stewart Hargreaves Smith-Jones Taylor-Brown Fairclough Braithwaite Pearson "
            "McDonald Mackenzie Ellis-Wood Featherstone Morris Moore Clark Lee King Baker Harrison Allen Scott Young "
            "Watson Mitchell Anderson Parker Cook Bennett Price Griffiths Kelly Simpson Marshall Collins Bell Shaw "
            "Murphy Miller Cox Richards Khan Marsh Murray Simmons Palmer Holmes Rogers Gray Hunt Mills Barnes Knight "
            "Lloyd Matthews Butler Russell Barker Fisher Stevens Jenkins Dixon Fletcher Poole Hodgson Atkinson "
            "Sutcliffe Pickles Ramsbottom Entwistle Gallagher Donnelly Rhodes Whitehead Shepherd Holland Lawson "
            "Ashworth Crossley"
        ),
    ),
    "South Asian": (
        22,
        (
            "Mohammed Aisha Muhammad Fatima Ali Zainab Hassan Maryam Ibrahim Khadija Yusuf Amina Hamza Sana Bilal "
            "Ayesha Omar Hafsa Imran Noor Usman Priya Arjun Anjali Rohan Simran Gurpreet Harpreet Jaspreet Tariq "
            "Farhan Saira Nadia Kiran Abdullah Zahra Rukhsana Deepika Vikram Lakshmi Haroon Sumaiya Adil Iqra Junaid "
            "Mehwish Kashif Rabia Shabana Zeeshan Faisal Asma Rahul Neha Sanjay Pooja Manpreet Navdeep Kavita Nikhil"
        ),
        (
            "Khan Ahmed Hussain Ali Begum Patel Singh Kaur Akhtar Mahmood Malik Iqbal Shah Mirza Rahman Miah Uddin "
            "Chowdhury Sharma Gill Sandhu Dhillon Qureshi Siddiqui Choudhry Bhatti Rafiq Nawaz Sheikh Bibi Islam "
            "Hossain Al-Rashid Butt Aslam Javed Zaman Hashmi Ansari Desai Mehta Joshi Reddy Nair Grewal Sidhu Bains "
            "Dhaliwal Kapoor Chaudhary Saleem Younis Mughal Raja"
        ),
    ),
    "African": (
        12,
        (
            "Abdi Amara Chidi Fatou Ifeoma Kwame Oluwaseun Ngozi Tendai Ayaan Hodan Mariam Samuel Blessing Emmanuel "
            "Temitope Chukwuemeka Adaeze Yohannes Selam Ousmane Aminata Kofi Abena Farah Sahra Warsame Folasade "
            "Kelechi Obinna Yetunde Babatunde Akosua Thandiwe Tatenda Rudo Bereket Hiwot Dawit Ikram Zakariya Idil"
        ),
        (
            "Mohamed Ali Okafor Adeyemi Mensah Osei Abdullahi Hassan Okonkwo Nwosu Diallo Traoré Boateng Owusu "
            "Adebayo Tesfaye Haile Moyo Ncube Warsame Jama Farah Eze Balogun Sesay Kamara Ogunleye Asante Nkosi Dube "
            "Chukwu Obi Ojo Bello Bangura Conteh Gebre Mebrahtu Yusuf Osman Adan Duale"
        ),
    ),
    "Caribbean": (
        8,
        (
            "Tamika Jermaine Shanice Tyrell Kezia Andre Chantelle Marlon Tiana Dwayne Latoya Jahmal Renée Keisha "
            "Malachi Tyrone Shaniqua Devonte Natalia Rochelle Jerome Leroy Aaliyah Kadeem Tanisha Romario Simone "
            "Nevaeh Kymani Shereen"
        ),
        (
            "Campbell Brown Grant Williams Gordon Morgan Reid Francis Bailey Henry Clarke Powell Samuels Lindo Bogle "
            "Francis-Grant Palmer Dacosta McKenzie Blake Facey Beckford Pinnock Thorpe Hylton Dawkins Baptiste Joseph "
            "Charles St-Hilaire Wynter Gayle"
        ),
    ),
    "Eastern European": (
        10,
        (
            "Jakub Zuzanna Wojciech Oliwia Łukasz Agnieszka Michał Katarzyna Paweł Małgorzata Andrei Ioana Ștefan "
            "Mihai Elena Krzysztof Natalia Szymon Aleksandra Jānis Viktorija Tomáš Zofia Bartosz Magdalena Grzegorz "
            "Dragoș Aleksandrs Kacper Maja Filip Hanna Dominik Gabija Lukas Denisa Roxana Vasile Răzvan Bogdan Kamil "
            "Justyna"
        ),
        (
            "Kowalski Nowak Wiśniewski Wójcik Kamiński Lewandowski Zieliński Popescu Ionescu Dumitru Szymański "
            "Woźniak Kozłowski Jankowski Bērziņš Ozols Novák Horváth Balogh Țurcanu Stankevičius Petrauskas Mazur "
            "Krawczyk Grabowska Dąbrowski Kaczmarek Piotrowski Pawłowski Zając Król Wieczorek Jabłoński Stan Radu "
            "Munteanu Stoica Kalniņš Kazlauskas Lakatos Varga Kováč Dvořák"
        ),
    ),
}
NICKNAMES = "Tee Smiley Ghost Kiki Bizzy Jojo Midge Spud Flash Dodo Zizi Mimi Tiny Slim Peanut Dot Bugs Ace Lulu Chip"
NEIGHBOURS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioiosdfghjklkxcvbnmn", strict=True))
SOUNDS = (
    *(
        ("ph", "f"),
        ("mm", "m"),
        ("tt", "t"),
        ("ll", "l"),
        ("ss", "s"),
        ("ck", "k"),
        ("ee", "i"),
        ("oo", "u"),
        ("ay", "ai"),
    ),
    *(
        ("ai", "ay"),
        ("ey", "y"),
        ("ou", "u"),
        ("ie", "ee"),
        ("ea", "ee"),
        ("sz", "sh"),
        ("cz", "ch"),
        ("w", "v"),
        ("th", "t"),
    ),
    *(
        ("kh", "k"),
        ("c", "k"),
        ("k", "c"),
        ("y", "i"),
        ("i", "y"),
        ("z", "s"),
        ("o", "u"),
        ("e", "a"),
        ("a", "e"),
        ("u", "o"),
    ),
)
"""What stands for the same sound, the surest first."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, or what was typed of them."""

    forename: str
    surname: str
    born: dt.date
    aliases: str = ""
    day_known: bool = True
    nhs: str = ""


Slip = Callable[[random.Random, str], str]


def drawn(draw: random.Random, words: str) -> str:
    listed = words.split()
    return draw.choices(listed, weights=[1 / (place + 12) for place in range(len(listed))])[0]


def nhs_numbers() -> Iterator[str]:
    """Numbers of the test range."""
    return (number for serial in range(10**7) if (number := nhs_number(f"999{serial:07}")))


def population(draw: random.Random, size: int) -> list[Person]:
    """So many children: a third have brothers or sisters, of a hundred three are twins."""
    numbers, made = nhs_numbers(), list[Person]()
    shares = [share for share, _, _ in ORIGINS.values()]
    while len(made) < size:
        origin = draw.choices(list(ORIGINS), weights=shares)[0]
        _, forenames, surnames = ORIGINS[origin]
        surname = drawn(draw, surnames)
        born = dt.date(2004, 1, 1) + dt.timedelta(days=draw.randrange(5000))
        for child in range(draw.choices((1, 2, 3), weights=(6, 3, 1))[0]):
            if child and draw.random() > 0.06:
                born += dt.timedelta(days=draw.randrange(330, 1500))
            alias = drawn(draw, NICKNAMES) if draw.random() < 0.15 else ""
            number = next(numbers) if draw.random() < 0.5 else ""
            made.append(Person(drawn(draw, forenames), surname, born, alias, nhs=number))
    return made[:size]


# --- Slips in a word -------------------------------------------------------------------------------------------------


def keyboard(draw: random.Random, word: str) -> str:
    places = [at for at, letter in enumerate(word) if at and letter in NEIGHBOURS]
    at = draw.choice(places)
    return word[:at] + NEIGHBOURS[word[at]] + word[at + 1 :]


def transposed(draw: random.Random, word: str) -> str:
    places = [at for at in range(len(word) - 1) if word[at].lower() != word[at + 1].lower()]
    at = draw.choice(places)
    return (word[:at] + word[at + 1] + word[at] + word[at + 2 :]).capitalize()


def omitted(draw: random.Random, word: str) -> str:
    at = draw.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def doubled(draw: random.Random, word: str) -> str:
    at = draw.randrange(1, len(word))
    return word[:at] + word[at] + word[at:]


def by_ear(draw: random.Random, word: str) -> str:
    found = [(one, other) for one, other in SOUNDS if one in word[1:]]
    one, other = draw.choice(found[:3]) if found else (word[-1], word[-1] * 2)
    return word[0] + word[1:].replace(one, other, 1)


def plain(word: str) -> str:
    """Without accents; the letters that have none of their own too."""
    bare = unicodedata.normalize("NFKD", word.translate(str.maketrans("łŁ", "lL")))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def in_name(slip: Slip) -> Callable[[random.Random, Person], Person]:
    """The slip in the first name, in the surname, or (one in five) in both."""

    def typed(draw: random.Random, of: Person) -> Person:
        where = draw.choices(("forename", "surname", "both"), weights=(2, 2, 1))[0]
        forename = of.forename if where == "surname" else slip(draw, of.forename)
        surname = of.surname if where == "forename" else slip(draw, of.surname)
        return replace(of, forename=forename, surname=surname)

    return typed


# --- Slips in a date -------------------------------------------------------------------------------------------------


def a_year_off(draw: random.Random, born: dt.date) -> dt.date:
    day = 28 if (born.month, born.day) == (2, 29) else born.day
    return born.replace(year=born.year + draw.choice((-1, 1)), day=day)


def one_digit_wrong(draw: random.Random, born: dt.date) -> dt.date:
    while True:
        digits = list(f"{born:%Y%m%d}")
        digits[draw.randrange(3, 8)] = str(draw.randrange(10))
        try:
            wrong = dt.date.fromisoformat("".join(digits))
        except ValueError:
            continue
        if wrong != born and 2000 <= wrong.year <= 2029:
            return wrong


def swapped(_draw: random.Random, born: dt.date) -> dt.date:
    return born.replace(month=born.day, day=born.month)


def in_date(slip: Callable[[random.Random, dt.date], dt.date]) -> Callable[[random.Random, Person], Person]:
    return lambda draw, of: replace(of, born=slip(draw, of.born))


def day_unknown(_draw: random.Random, of: Person) -> Person:
    return replace(of, born=of.born.replace(day=15), day_known=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """A way of being typed twice; ``fits`` says of whom."""

    name: str
    typed: Callable[[random.Random, Person], Person]
    fits: Callable[[Person], bool] = lambda _: True


def two_slips(draw: random.Random, of: Person) -> Person:
    word = draw.choice((keyboard, transposed, omitted, by_ear))
    date = draw.choice((a_year_off, one_digit_wrong))
    name = (
        replace(of, surname=word(draw, of.surname))
        if draw.random() < 0.5
        else replace(of, forename=word(draw, of.forename))
    )
    return replace(name, born=date(draw, of.born))


def only_the_number(draw: random.Random, of: Person) -> Person:
    return replace(of, forename=drawn(draw, NICKNAMES), surname="Unknown", born=of.born + dt.timedelta(days=400))


def by_alias(_draw: random.Random, of: Person) -> Person:
    return replace(of, forename=of.aliases, aliases="")


def half(draw: random.Random, of: Person) -> Person:
    return replace(of, surname=draw.choice(of.surname.split("-")))


NUMBER = "only the NHS number is the same"
KINDS = (
    Kind("the same", lambda _draw, of: of),
    Kind("a key beside it", in_name(keyboard)),
    Kind("two letters swapped", in_name(transposed)),
    Kind("a letter left out", in_name(omitted)),
    Kind("a letter doubled", in_name(doubled)),
    Kind("spelt by ear", in_name(by_ear)),
    Kind("names the other way round", lambda _draw, of: replace(of, forename=of.surname, surname=of.forename)),
    Kind("by another name", by_alias, lambda of: of.aliases != ""),
    Kind(
        "hyphen left out",
        lambda _draw, of: replace(of, surname=of.surname.replace("-", " ")),
        lambda of: "-" in of.surname,
    ),
    Kind("half a surname", half, lambda of: "-" in of.surname),
    Kind(
        "accents lost",
        lambda _draw, of: replace(of, forename=plain(of.forename), surname=plain(of.surname)),
        lambda of: plain(of.forename + of.surname) != of.forename + of.surname,
    ),
    Kind("another surname", lambda draw, of: replace(of, surname=drawn(draw, ORIGINS["British"][2]))),
    Kind("day and month swapped", in_date(swapped), lambda of: of.born.day <= 12 and of.born.day != of.born.month),
    Kind("a year off", in_date(a_year_off)),
    Kind("day not known", day_unknown),
    Kind("one digit of the date wrong", in_date(one_digit_wrong)),
    Kind("a slip in name and date", two_slips),
    Kind(NUMBER, only_the_number, lambda of: of.nhs != ""),
)


def typed_again(draw: random.Random, people: list[Person], size: int) -> Iterator[tuple[str, int, Person]]:
    """The kind, who of ``people`` is meant, and what was typed; in a quarter of them the NHS number too."""
    for number in range(size):
        kind = KINDS[number % len(KINDS)]
        at = draw.choice([place for place, person in enumerate(people) if kind.fits(person)])
        typed = kind.typed(draw, people[at])
        keeps = kind.name == NUMBER or draw.random() < 0.25
        yield kind.name, at, replace(typed, nhs=people[at].nhs if keeps else "", aliases="")
