"""Fictional names, numbers and addresses: nobody of this demo exists."""

from random import Random

from portal.partners import search_key

ONSETS = (
    "al", "ar", "bal", "bel", "bri", "cal", "cor", "da", "del", "dor", "el", "fal", "fer", "ga", "gal", "hel",
    "ka", "kel", "la", "lor", "ma", "mel", "mor", "na", "nor", "or", "pa", "quel", "ra", "ros", "sal", "sen",
    "ta", "tal", "val", "ver", "vi", "yl", "zel",
)  # fmt: skip
MIDDLES = (
    "ba", "bé", "ca", "dé", "di", "do", "fi", "gui", "la", "lé", "li", "ma", "mi", "mo", "né", "ni", "ra",
    "ré",
    "ri", "ro", "sa", "si", "ta", "té", "ti", "va", "vi", "",
)  # fmt: skip
ENDINGS = (
    "bert", "cour", "dane", "dis", "el", "gane", "lane", "lia", "lis", "mont", "mor", "nel", "nis", "phe",
    "quin",
    "ra", "rel", "ric", "ris", "sel", "thys", "tine", "tis", "va", "vane", "ver", "vis", "xe",
)  # fmt: skip
TRADES = {
    "SSII": ("Conseil", "Ingénierie", "Consulting", "Systèmes", "Intégration", "Infogérance", "& Associés"),
    "ISV": ("Logiciels", "Software", "Éditions", "Studio", "Progiciels"),
    "LAR": ("Licences", "Distribution", "Achats & Licences"),
    "SMB_D": ("Diffusion", "Négoce", "Grossiste", "Direct"),
    "VAR": ("Informatique", "Réseaux", "Bureautique", "Micro", "Services", "Télécom", "& Fils", "Solutions"),
    "ALLIANCE": ("International", "Worldwide", "Group"),
}
FIRST_NAMES = (
    "Adèle", "Agathe", "Alban", "Anaïs", "Antonin", "Armelle", "Aurèle", "Bastien", "Bérénice", "Blaise",
    "Brune",
    "Camille", "Céline", "Clément", "Corentin", "Delphine", "Denis", "Édith", "Élise", "Émile", "Estelle",
    "Fabien",
    "Flore", "François", "Gaëlle", "Gaspard", "Germain", "Hélène", "Honoré", "Inès", "Irène", "Joël",
    "Judith",
    "Justin", "Léonie", "Loïc", "Lucien", "Maëlle", "Marceau", "Mathilde", "Mélanie", "Noémie", "Octave",
    "Odile",
    "Pascal", "Perrine", "Quentin", "Rémi", "Romane", "Sabine", "Sébastien", "Solène", "Thaïs", "Théo",
    "Ulysse",
    "Valentine", "Victor", "Yann", "Yvonne", "Zoé",
)  # fmt: skip
CITIES = (
    ("Bordeaux", "33000"), ("Lyon", "69003"), ("Nantes", "44000"), ("Lille", "59000"), ("Toulouse", "31000"),
    ("Rennes", "35000"), ("Strasbourg", "67000"), ("Grenoble", "38000"), ("Montpellier", "34000"),
    ("Paris", "75009"), ("Nanterre", "92000"), ("Dijon", "21000"), ("Clermont-Ferrand", "63000"), ("Tours",
    "37000"),
    ("Aix-en-Provence", "13100"), ("Rouen", "76000"), ("Metz", "57000"), ("Brest", "29200"), ("Pau", "64000"),
)  # fmt: skip
STREETS = (
    "rue des Tisserands",
    "quai du Levant",
    "avenue des Charmes",
    "place de l’Horloge",
    "impasse du Four",
)


def siren(number: int) -> str:
    """A fictional SIREN: 000, five digits, and the Luhn key of them all."""
    digits = f"{number:08d}"
    total = sum(sum(divmod(int(digit) * (2 if place % 2 else 1), 10)) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def phone(number: int) -> str:
    """A number of the range kept for fiction."""
    return f"01 99 00 {number // 100 % 100:02d} {number % 100:02d}"


def word(rng: Random) -> str:
    """A name made of syllables."""
    return (rng.choice(ONSETS) + rng.choice(MIDDLES) + rng.choice(ENDINGS)).capitalize()


def words(rng: Random, number: int, *, taken: set[str]) -> list[str]:
    """Different names made of syllables, none of them taken."""
    found: list[str] = []
    while len(found) < number:
        one = word(rng)
        if one not in taken:
            taken.add(one)
            found.append(one)
    return found


def person(rng: Random) -> str:
    """First and family name."""
    return f"{rng.choice(FIRST_NAMES)} {word(rng)}"


def slug(text: str) -> str:
    """The text in small plain letters, as addresses are written."""
    return ".".join(search_key(text).split())


def address(rng: Random) -> dict[str, str]:
    """Street, postcode and town."""
    city, postcode = rng.choice(CITIES)
    return {"address": f"{rng.randint(1, 140)} {rng.choice(STREETS)}", "postcode": postcode, "city": city}
