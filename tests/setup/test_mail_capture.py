import email
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from portal.cli.status import captured
from portal.cli.supervisor import mail_capture
from portal.cli.supervisor.web import free_port


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    controller = mail_capture.serve(tmp_path, port)
    yield port
    controller.stop()


def message() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "portail@palier.example", "zoe@partenaire.example"
    mail["Subject"], mail["Message-ID"] = "Votre relevé est disponible", "<one@palier.example>"
    mail.set_content("Bonjour,\n.\nvotre relevé n’est pas une facture.\n")
    return mail


class TestMailCapture:
    def test_keeps_each_message_as_a_file_that_opens(self, port: int, tmp_path: Path) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(message())
        (file,) = tmp_path.glob("*.eml")
        read = email.message_from_bytes(file.read_bytes(), policy=default)
        assert read["Subject"] == "Votre relevé est disponible"
        assert read["X-Envelope-To"] == "zoe@partenaire.example"
        assert "\n.\nvotre relevé n’est pas une facture." in read.get_content().replace("\r\n", "\n")

    def test_shows_a_message_sent_twice_as_two(self, port: int, tmp_path: Path) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(message())
            client.send_message(message())
        assert captured(tmp_path) == 2

    def test_refuses_for_now_what_it_cannot_keep(self, port: int, tmp_path: Path) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            tmp_path.rename(tmp_path.with_name("gone"))
            with pytest.raises(smtplib.SMTPDataError) as refused:
                client.send_message(message())
        assert refused.value.smtp_code == 452

    def test_greets_when_asked_whether_it_runs(self, port: int) -> None:
        assert mail_capture.greets(port)
