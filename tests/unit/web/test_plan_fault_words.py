"""Each fault and oddity of the engine has words for people, in both languages, that take all its figures."""

import re

import pytest

from portal import i18n
from portal.margin.engine import FAULTS, ODDITIES
from portal.web.plan_faults import FAULT_WORDS, ODDITY_WORDS

FIGURE = re.compile(r"\{(\w+)\}")
SAID = re.compile(r"%\((\w+)\)s")
BOTH = [(FAULTS, FAULT_WORDS), (ODDITIES, ODDITY_WORDS)]


class TestWords:
    @pytest.mark.parametrize(("codes", "words"), BOTH)
    def test_are_there_for_every_code_and_no_other(
        self, codes: dict[str, str], words: dict[str, str]
    ) -> None:
        assert set(codes) == set(words)

    @pytest.mark.parametrize(("codes", "words"), BOTH)
    def test_name_only_figures_that_the_code_has(self, codes: dict[str, str], words: dict[str, str]) -> None:
        for code, sentence in words.items():
            assert set(SAID.findall(sentence)) <= set(FIGURE.findall(codes[code])), code

    @pytest.mark.parametrize(("codes", "words"), BOTH)
    def test_are_there_in_french(self, codes: dict[str, str], words: dict[str, str]) -> None:
        for sentence in words.values():
            (french,) = i18n.french_catalogue()[(None, sentence)]
            assert french != sentence, sentence
            assert set(SAID.findall(french)) == set(SAID.findall(sentence)), sentence
