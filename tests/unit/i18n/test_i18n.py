"""Words and figures in the reader's language."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from jinja2 import Environment

from portal import i18n
from portal.i18n import use_locale


@pytest.fixture(params=["fr", "en"])
def pages(request) -> Environment:
    environment = Environment(autoescape=True)
    i18n.install(environment)
    with use_locale(request.param):
        yield environment


class TestMoney:
    def test_in_french_has_narrow_thousands_and_its_sign_behind(self):
        assert i18n.format_money(Decimal("1234.56")) == "1\u202f234,56\u00a0€"

    def test_in_english_has_its_sign_in_front(self):
        with use_locale("en"):
            assert i18n.format_money("-1234.56") == "\u2212€1,234.56"

    def test_says_the_plus_of_a_gain_when_asked(self):
        assert i18n.format_money("469.89", signed=True) == "+469,89\u00a0€"
        assert i18n.format_money("0.00", signed=True) == "0,00\u00a0€"

    def test_keeps_the_code_of_a_currency_without_sign(self):
        assert i18n.format_money("5", "CHF") == "5,00\u00a0CHF"


class TestExact:
    def test_keeps_what_is_not_rounded_yet(self):
        assert i18n.format_exact("1418.473200") == "1\u202f418,4732"
        assert i18n.format_exact("120000.0000") == "120\u202f000,00"
        assert i18n.format_exact_money("1418.473200") == "1\u202f418,4732\u00a0€"
        with use_locale("en"):
            assert i18n.format_exact_money("-1418.473200") == "−€1,418.4732"


class TestPercent:
    def test_of_attainment_is_cut_never_rounded(self):
        assert i18n.format_percent_truncated(Decimal("0.7999999")) == "79,99\u202f%"

    def test_of_a_rate_keeps_exactly_its_decimals(self):
        assert i18n.format_percent("0.025") == "2,5\u202f%"
        assert i18n.format_percent("1.00") == "100\u202f%"

    def test_takes_the_points_the_engine_displays(self):
        with use_locale("en"):
            assert i18n.format_attainment("123.64") == "123.64%"


class TestDates:
    def test_say_the_first_of_a_month_as_an_ordinal_in_french(self):
        assert i18n.format_date(date(2026, 7, 1)) == "1er juillet 2026"
        assert i18n.format_date(date(2026, 7, 11)) == "11 juillet 2026"
        with use_locale("en"):
            assert i18n.format_date(date(2026, 7, 1)) == "1 July 2026"

    def test_of_an_instant_are_those_of_paris(self):
        late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
        assert i18n.format_date(late) == "1er juillet 2026"
        assert i18n.format_datetime(late) == "1er juillet 2026 à 0:30"

    def test_of_an_instant_without_offset_are_refused(self):
        with pytest.raises(ValueError, match="without offset"):
            i18n.format_datetime(datetime(2026, 6, 30, 22, 30))  # noqa: DTZ001

    def test_of_a_range_say_a_shared_year_once(self):
        assert i18n.format_dates("2026-01-01", "2026-06-30") == "1er janvier – 30 juin 2026"

    def test_raise_the_ordinal_on_pages_only(self, pages):
        shown = pages.from_string("{{ '2026-07-01'|date }}|{{ '2026-07-01'|date_text }}").render()
        french = "1<sup>er</sup> juillet 2026|1er juillet 2026"
        assert shown == (french if i18n.current_locale() == "fr" else "1 July 2026|1 July 2026")


class TestPeriods:
    def test_have_long_names(self):
        assert i18n.format_period("FY26-H1") == "premier semestre FY26"
        with use_locale("en"):
            assert i18n.format_period("FY26-H1") == "first half of FY26"
            assert i18n.format_period("FY26") == "fiscal year FY26"


class TestFrenchTypography:
    def test_binds_the_signs_that_take_a_space(self):
        typed = "Qui : vous ? « Oui » ; 20 %% et 3 €"
        assert i18n.french_typography(typed) == (
            "Qui\u00a0: vous\u202f? «\u00a0Oui\u00a0»\u202f; 20\u202f%% et 3\u00a0€"
        )

    def test_leaves_tags_and_placeholders_alone(self):
        typed = "<a href='%(url)s'>l'avis</a> %(name)s"
        assert i18n.french_typography(typed) == "<a href='%(url)s'>l’avis</a> %(name)s"


class TestGettext:
    def test_falls_back_on_the_english_words_with_their_apostrophes(self):
        assert i18n.gettext("It's %(what)s", what="new") == "It’s new"

    def test_counts_as_the_language_does(self):
        with use_locale("en"):
            assert i18n.ngettext("%(num)s file", "%(num)s files", 0) == "0 files"
            assert i18n.ngettext("%(num)s file", "%(num)s files", 1200) == "1,200 files"

    def test_is_lazy_until_shown(self):
        label = i18n.lazy_gettext("first half of %(year)s", year="FY26")
        assert str(label) == "premier semestre FY26"
        with use_locale("en"):
            assert str(label) == "first half of FY26"

    def test_refuses_a_language_it_does_not_speak(self):
        with pytest.raises(ValueError, match="unknown locale"), use_locale("de"):
            pass

    def test_escapes_values_but_not_words_in_templates(self, pages):
        template = pages.from_string("{% trans name='<b>' %}It's {{ name }}{% endtrans %}")
        assert "&lt;b&gt;" in template.render()


class TestTemplates:
    def test_write_a_constant_too_in_the_language_of_each_reader(self):
        environment = Environment()
        i18n.install(environment)
        with use_locale("en"):
            page = environment.from_string("{{ 1000|money }}, {{ 0.5|percent }}")
            assert page.render() == "€1,000.00, 50%"
        assert page.render() == "1\u202f000,00\u00a0€, 50\u202f%"
