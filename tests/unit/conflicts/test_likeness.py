"""Names of customers are compared without case, accents and legal form."""

import pytest

from portal.conflicts.likeness import are_alike, bare_name


class TestBareName:
    @pytest.mark.parametrize(
        ("written", "bare"),
        [
            ("Société Ménuiserie de l'Aube S.A.R.L.", "aube de l menuiserie"),
            ("MENUISERIE DE L’AUBE, SAS", "aube de l menuiserie"),
            ("Cœur & Fils SA", "coeur fils"),
            ("S.A.", "sa"),
        ],
    )
    def test_keeps_the_words_alone(self, written: str, bare: str) -> None:
        assert bare_name(written) == bare


class TestAreAlike:
    @pytest.mark.parametrize(
        ("one", "other", "alike"),
        [
            ("Fonderies Velmarc SA", "FONDERIE VELMARC", True),
            ("Velmarc Fonderies", "Fonderies Velmarc SAS", True),
            ("Fonderies Velmarc", "Fonderies Tolvane", False),
            ("Banque Aurelle", "Banque Aurel", True),
            ("Hexa", "Hexo", False),
        ],
    )
    def test_at_eighty_five_percent(self, one: str, other: str, alike: bool) -> None:
        assert are_alike(one, other) is alike
