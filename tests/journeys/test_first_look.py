"""A partner signs in and sees who its PAM is, what it will receive, and what is needed of it."""

from tests.journeys.conftest import Town


def test_a_partner_finds_its_pam_its_figures_and_what_waits(town: Town) -> None:
    home = town.visitor("partner_admin").open("/")
    home.says("Claire Vauquelin", "01 99 00 00 21", "claire.vauquelin@palier.example", "1 er juillet 2026")
    home.says(
        "139 785,80 €",
        "87,36 %",
        "La dernière page n'est pas signée par le client.",
        "R-FY26H2-000042",
        "7 675,73 €",
    )
    assert home.text.count("Votre PAM") >= 1
    home.send("/account/locale", locale="en").open("/")
    home.says("Your PAM", "€139,785.80", "€7,675.73")


def test_a_colleague_sees_the_same_and_a_pam_another_home(town: Town) -> None:
    town.visitor("partner_member").open("/").says("Claire Vauquelin", "139 785,80 €")
    queue = town.visitor("pam").open("/")
    assert queue.path.startswith("/staff/queue")
    queue.says("Arvélia Conseil")
