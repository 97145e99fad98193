"""The programme's own catalogue is whole in both languages."""

from portal.catalogue import programme
from portal.catalogue.models import ReasonKind
from portal.i18n import french_typography


class TestProgramme:
    def test_says_everything_in_both_languages(self) -> None:
        rows = [
            *programme.family_rows(),
            *programme.reason_rows(),
            *programme.evidence_rows(),
            *programme.check_rows(1),
        ]
        assert all(row[key] for row in rows for key in row if key.endswith(("_fr", "_en")))

    def test_gives_each_reason_one_code(self) -> None:
        codes = [row["code"] for row in programme.reason_rows()]
        assert len(codes) == len(set(codes))
        assert {row["kind"] for row in programme.reason_rows()} == set(ReasonKind)

    def test_gives_each_refusal_and_each_check_a_cure_of_its_own(self) -> None:
        cures = [row["cure_fr"] for row in programme.reason_rows() if row["kind"] == "refusal"]
        assert len(set(cures)) == len(cures)

    def test_is_set_as_french_is(self) -> None:
        for row in [*programme.reason_rows(), *programme.evidence_rows(), *programme.check_rows(1)]:
            for key, text in row.items():
                if key.endswith("_fr"):
                    assert text == french_typography(text)
