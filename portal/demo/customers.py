"""End customers and what is done for them: fictional firms, towns and hospitals."""

from dataclasses import dataclass
from random import Random

from portal.demo import names

COUNT = 1400
FIRST_NUMBER = 20000  # their SIREN numbers begin well after the partners'
SECTORS = ("industry", "bank", "retail", "services", "transport", "health")
# What a public customer is called, and its sector.
PUBLIC = {
    "Ville de {}": "public", "Centre hospitalier de {}": "health", "Communauté de communes {}": "public",
    "Lycée {}": "education",
}  # fmt: skip
SUFFIXES = (
    "Industries",
    "Transports",
    "Assurances",
    "Agro",
    "Santé",
    "Énergie",
    "Habitat",
    "Textile",
    "Optique",
    "",
)
TITLES = {
    "M365": ("Migration de la messagerie vers Microsoft 365", "Poste de travail Microsoft 365"),
    "AZURE_INFRA": ("Extension du centre de données vers Azure", "Plan de reprise dans Azure"),
    "SQL": ("Consolidation des bases SQL Server", "Entrepôt de données SQL Server"),
    "SECURITY": ("Protection des identités et des postes", "Supervision de la sécurité"),
    "WIN_SERVER": ("Renouvellement des serveurs Windows", "Virtualisation des serveurs"),
    "SYSTEM_CENTER": ("Supervision du parc avec System Center", "Automatisation des déploiements"),
    "EXCHANGE": ("Refonte de la messagerie Exchange", "Haute disponibilité Exchange"),
    "SHAREPOINT": ("Intranet SharePoint", "Gestion documentaire SharePoint"),
    "DYNAMICS": ("Gestion de la relation client Dynamics", "Refonte comptable Dynamics"),
    "POWER_PLATFORM": ("Applications métier Power Platform",),
    "AZURE_DATA": ("Plateforme de données Azure",),
    "WINDOWS_CLIENT": ("Renouvellement du parc Windows",),
}
TYPES = {
    "M365": "workplace", "EXCHANGE": "workplace", "WINDOWS_CLIENT": "workplace", "SHAREPOINT": "workplace",
    "SECURITY": "security", "AZURE_INFRA": "cloud_migration", "SQL": "data", "AZURE_DATA": "data",
    "POWER_PLATFORM": "data", "DYNAMICS": "data",
}  # fmt: skip
WHERE = ("", ", siège", ", sites régionaux", ", phase 2", ", filiale", ", agences", ", usine")
# Family: how often it is claimed, and the median amount of a line.
FAMILIES = {
    "M365": (24, 18000), "AZURE_INFRA": (18, 28000), "SECURITY": (14, 14000), "SQL": (11, 16000),
    "WIN_SERVER": (11, 12000), "SYSTEM_CENTER": (5, 9500), "EXCHANGE": (5, 10500), "SHAREPOINT": (4, 11000),
    "DYNAMICS": (3, 22000), "POWER_PLATFORM": (2, 9000), "AZURE_DATA": (2, 24000), "WINDOWS_CLIENT": (1,
    9000),
}  # fmt: skip
SPREAD = 0.55


@dataclass(frozen=True)
class Customer:
    """An end customer."""

    siren: str
    name: str
    sector: str
    public: bool


def build_customers() -> list[Customer]:
    """All customers, one in fourteen public."""
    rng = Random("palier:customers")
    places = names.words(rng, COUNT, taken=set())
    return [_customer(rng, FIRST_NUMBER + number, place) for number, place in enumerate(places)]


def _customer(rng: Random, number: int, place: str) -> Customer:
    if rng.random() < 0.07:
        called, sector = rng.choice(list(PUBLIC.items()))
        return Customer(names.siren(number), called.format(place), sector, True)
    name = f"{place} {rng.choice(SUFFIXES)}".strip()
    return Customer(names.siren(number), name, rng.choice(SECTORS), False)


def type_of(family: str) -> str:
    """What kind of project a family is mostly used in."""
    return TYPES.get(family, "infrastructure")
