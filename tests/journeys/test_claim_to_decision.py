"""A project is declared in four steps, left, taken up by a colleague, submitted; its PAM decides; mails tell it."""

import re
from datetime import date

import psycopg

from portal.demo import evidence
from portal.demo.names import siren
from tests.journeys.browsing import Visitor
from tests.journeys.conftest import Town

CUSTOMER = siren(77777)
PAPER = evidence.paper("ARCHITECTURE_FILE", 3)
PAM = "claire.vauquelin@palier.example"
ADMIN = "nadia.kerbrane@arvelia.example"


def describe_project(firm: Visitor) -> None:
    """Steps 1 to 3, then the list."""
    firm.open("/").follow("Déclarer un projet").send(
        "/claims/new",
        customer_siren=f"{CUSTOMER[:3]} {CUSTOMER[3:6]} {CUSTOMER[6:]}",
        customer_name="Ondriane Énergie",
        customer_sector="industry",
        title="Plan de reprise, deux sites",
        project_type="infrastructure",
    )
    products = {"lines-0-family": "AZURE_INFRA", "lines-0-amount": "24 500,50"}
    firm.send("/edit", **products, roles=["PRESCRIBE", "DESIGN"])
    firm.send(
        "/edit",
        reseller_name="Comptoir des Licences",
        order_no="v2611-0042",
        signed_on="02/11/2026",
        ordered_on="2026-11-09",
        evidence_type="ARCHITECTURE_FILE",
        dated_on="03/11/2026",
        files={"file": (PAPER, "dossier.pdf")},
    )
    firm.says("dossier.pdf", "24 500,50 €", "Ondriane Énergie")


def submit(firm: Visitor) -> str:
    """A colleague finds the draft, declares on honour and submits; the claim's reference."""
    found = re.search(r"(D-FY27-\d{6}) Plan de reprise, deux sites", firm.open("/claims").text)
    assert found
    firm.follow(found[1])
    firm.open(firm.path.partition("?")[0] + "?step=4")
    firm.send("/submit", honour="y")
    firm.says("Le dossier est déclaré")
    return found[1]


def test_a_draft_left_by_one_is_submitted_by_a_colleague_and_approved_in_part(town: Town) -> None:
    describe_project(town.visitor("partner_admin"))
    firm = town.visitor("partner_member")
    reference = submit(firm)
    town.work("mail.send")
    (told,) = town.mailbox.to(PAM)
    assert reference in f"{told['Subject']} {told.get_body(('plain',))}"

    pam = town.visitor("pam").open("/staff/queue").follow(reference)
    assert pam.download("dossier.pdf") == PAPER
    checks = [box.get("value") for box in pam.page.xpath("//form[@id='approve']//input[@name='ticks']")]
    (amount,) = [name.get("name") for name in pam.page.xpath("//input[starts-with(@name, 'approved-')]")]
    cut = amount.replace("approved", "cut")
    pam.send("/approve", ticks=checks, **{amount: "20 000,00", cut: "ROLE_NOT_DESCRIBED"})
    pam.says(f"{reference} est approuvé")

    town.work("mail.send")
    assert any(reference in str(mail.get_body(("plain",))) for mail in town.mailbox.to("arvelia.example"))
    firm.open("/claims").follow(reference)
    firm.says("20 000,00 €", "Claire Vauquelin", "Rôle non décrit", "sans transaction")


def test_a_question_stops_the_clock_and_a_refusal_says_what_cures_it(town: Town) -> None:
    describe_project(town.visitor("partner_admin"))
    firm = town.visitor("partner_member")
    reference = submit(firm)

    pam = town.visitor("pam").open("/staff/queue").follow(reference)
    pam.send("/ask", reason="SIGNATURE_ASKED", note="La page 12 n'est pas signée.")
    firm.open("/").says("La page 12 n'est pas signée.")
    firm.follow(reference).send("/answer", note="Voici la page signée.")

    pam.open("/staff/queue").follow(reference).says("Voici la page signée.")
    pam.send("/reject", reason="CUSTOMER_SIGNATURE_MISSING", note="La signature n'est pas celle du client.")
    firm.open("/claims").follow(reference)
    firm.says("Signature du client absente", "Joignez la version signée par le client")
    town.work("mail.send")
    kinds = {str(mail["Subject"]) for mail in town.mailbox.to("arvelia.example")}
    assert len(kinds) >= 2
    assert not any("24 500" in subject for subject in kinds)


def test_nothing_is_written_of_what_cannot_be_read_and_nothing_typed_is_lost(town: Town) -> None:
    before = town.count("select count(*) from claims")
    firm = town.visitor("partner_admin").open("/claims/new")
    firm.send("/claims/new", customer_siren="123 456 789", customer_name="Ondriane Énergie", status=422)
    firm.says("SIREN")
    assert "Ondriane Énergie" in firm.content.decode()
    assert town.count("select count(*) from claims") == before


def test_another_firms_claim_does_not_exist(town: Town) -> None:
    firm = town.visitor("partner_admin")
    with psycopg.connect(town.copy.url) as owner:
        found = owner.execute("select public_id from claims where partner_id = 43 limit 1").fetchone()
    assert found is not None
    assert firm.client.get(f"/claims/{found[0]}").status_code == 404


def test_the_day_is_the_demos(town: Town) -> None:
    town.visitor("partner_admin").open("/").says("au 23 novembre")
    town.move_to(date(2027, 1, 20))
    town.visitor("partner_admin").open("/").says("au 20 janvier")
