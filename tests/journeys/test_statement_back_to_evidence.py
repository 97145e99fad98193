"""The partner downloads its statement and opens it from the mail; an auditor follows a figure back to the paper."""

import io
import json

import pikepdf

from tests.journeys.conftest import Town

NUMBER = "R-FY26H2-000042"


def test_the_statement_of_the_page_of_the_mail_and_of_the_download_is_one(town: Town) -> None:
    firm = town.visitor("partner_admin").open("/statements").follow(NUMBER)
    firm.says("185 461,83 €", "123,64 %", "7 675,73 €", "9 210,88 €", "Claire Vauquelin")
    firm.says("Justificatif postérieur à la commande", "Commande d’une autre période", "Recours en cours")

    assert town.work("statement.render", most=1) == 1, "Arvélia's is printed first"
    town.work("mail.send")
    printed = firm.download("Télécharger le PDF")
    attached = {
        str(mail["To"]): [part.get_content() for part in mail.iter_attachments()]
        for mail in town.mailbox.mails
    }
    assert sorted(attached) and all(printed in papers for papers in attached.values())
    assert not any("7 675" in str(mail["Subject"]) for mail in town.mailbox.mails)

    figures = json.loads(firm.download("JSON"))
    assert figures["result"]["net_to_pay"] == "9210.88"
    with pikepdf.open(io.BytesIO(printed)) as document:
        inside = [file.get_file().read_bytes() for file in document.attachments.values()]
    assert firm.download("JSON") in inside
    assert b"185461,83" in firm.download("CSV")


def test_anybody_may_verify_a_statement_without_learning_its_figures(town: Town) -> None:
    firm = town.visitor("partner_admin").open("/statements").follow(NUMBER).follow("Vérifier")
    firm.says(NUMBER)
    assert "7 675,73" not in firm.text
    assert town.app.test_client().get(firm.path, buffered=True).status_code == 200


def test_an_auditor_follows_a_figure_back_to_who_decided_on_what(town: Town) -> None:
    auditor = town.visitor("auditor").open("/staff/ledger?partner=P-00042&period=FY26-H2")
    auditor.says("7 675,73 €").follow("Marge acquise").says("6222", NUMBER)
    assert auditor.path.startswith("/staff/ledger/")
    auditor.follow("Le résultat").says("85 250,40 €", "60 000,00 €", "V2602190242", "1 034,57 €")
    reference = next(word for word in auditor.text.split() if word.startswith("D-FY26-"))
    auditor.follow(reference).says("Marc Delorme", "Approuvé", "48 000,00 €")
    paper = next(link for link in auditor.page.iter("a") if str(link.get("href")).startswith("/files/"))
    assert auditor.client.get(str(paper.get("href")), buffered=True).data.startswith(b"%PDF-")
    auditor.open("/staff/audit?subject=claim").says("claim")
