"""Words and figures as the reader writes them: one catalogue and one set of formats for all papers."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.messages.pofile import read_po
from babel.support import LazyProxy
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

LOCALES = ("fr", "en")
DEFAULT_LOCALE = "fr"
TRANSLATIONS = Path(__file__).parent / "translations"
PARIS = ZoneInfo("Europe/Paris")

NARROW = "\u202f"  # between thousands, before % ; ! ?
NO_BREAK = "\u00a0"  # before € and :, inside « »
MINUS = "\u2212"

_locale: ContextVar[str] = ContextVar("locale", default=DEFAULT_LOCALE)

Catalogue = dict[tuple[str | None, str], tuple[str, ...]]


def current_locale() -> str:
    return _locale.get()


@contextmanager
def use_locale(locale: str) -> Iterator[None]:
    """Speak to this reader in their language until the block ends."""
    if locale not in LOCALES:
        raise ValueError(f"unknown locale {locale!r}")
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


# --- words ---------------------------------------------------------------------------------------


def french_typography(text: str) -> str:
    """Give a French text its no-break spaces and its apostrophes, leaving HTML tags as they are."""
    parts = re.split(r"(<[^>]*>)", text)
    return "".join(part if part.startswith("<") else _french_run(part) for part in parts)


def _french_run(text: str) -> str:
    text = text.replace("'", "’").replace("...", "…")
    text = re.sub(r" (?=[;!?])", NARROW, text)
    text = re.sub(r" (?=%(?!\())", NARROW, text)
    return re.sub(r" (?=[:»€])|(?<=«) ", NO_BREAK, text)


@cache
def english_typography(text: str) -> str:
    """Give an English text its apostrophes, leaving HTML tags as they are."""
    parts = re.split(r"(<[^>]*>)", text)
    return "".join(part if part.startswith("<") else part.replace("'", "’") for part in parts)


@cache
def french_catalogue() -> Catalogue:
    """Every French translation, all areas together, read once per process."""
    catalogue: Catalogue = {}
    for path in sorted((TRANSLATIONS / "fr").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                if message.id and message.string and not message.fuzzy:
                    single = message.id if isinstance(message.id, str) else message.id[0]
                    forms = (message.string,) if isinstance(message.string, str) else message.string
                    if all(forms):
                        catalogue[(message.context, single)] = tuple(map(french_typography, forms))
    return catalogue


def _find(message: str) -> str:
    return _find_in_context(None, message)


def _find_in_context(context: str | None, message: str) -> str:
    if _locale.get() == "fr":
        forms = french_catalogue().get((context, message))
        return forms[0] if forms else english_typography(message)
    return english_typography(message)


def _find_plural(singular: str, plural: str, number: int) -> str:
    if _locale.get() == "fr":
        forms = french_catalogue().get((None, singular))
        if forms and len(forms) > 1:
            return forms[0] if abs(number) < 2 else forms[1]  # in French zero and 1,5 are singular
    return english_typography(singular if number == 1 else plural)


def gettext(message: str, **values: Any) -> str:
    """The reader's words for this English text; a percent sign is written `%%`, as in templates."""
    return _find(message) % values


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The reader's words for this many; `%(num)s` is the number."""
    return _find_plural(singular, plural, num) % {"num": format_number(num), **values}


def pgettext(context: str, message: str, **values: Any) -> str:
    """As gettext, where one English word has two French ones."""
    return _find_in_context(context, message) % values


def lazy_gettext(message: str, **values: Any) -> Any:
    """As gettext, resolved when shown: for labels and enums written at import."""
    return LazyProxy(gettext, message, enable_cache=False, **values)


_ = gettext


# --- figures -------------------------------------------------------------------------------------

_FRENCH_FIGURES = str.maketrans({",": NARROW, ".": ","})
_SYMBOLS = {"EUR": "€"}


def _figure(text: str) -> str:
    text = text.replace("-", MINUS)
    return text.translate(_FRENCH_FIGURES) if _locale.get() == "fr" else text


def format_number(value: int | Decimal) -> str:
    """A count or a plain decimal, all its decimals kept."""
    return _figure(f"{value:,f}" if isinstance(value, Decimal) else f"{value:,d}")


def format_amount(value: Decimal | str) -> str:
    """An amount without its currency: `1 234,56`."""
    return _figure(f"{Decimal(value):,.2f}")


def format_exact(value: Decimal | str) -> str:
    """An amount that is not rounded yet: two decimals at least, and all those it has."""
    whole, _point, decimals = f"{Decimal(value):,f}".partition(".")
    return _figure(f"{whole}.{decimals.rstrip('0').ljust(2, '0')}")


def format_money(value: Decimal | str, currency: str = "EUR", *, signed: bool = False) -> str:
    """`1 234,56 €` or `€1,234.56`; signed writes the plus of a gain as well."""
    amount = Decimal(value)
    sign = MINUS if amount < 0 else "+" if signed and amount > 0 else ""
    return sign + _in_currency(format_amount(abs(amount)), currency)


def format_exact_money(value: Decimal | str, currency: str = "EUR") -> str:
    """Money that is not rounded yet: `1 418,4732 €` or `€1,418.4732`."""
    amount = Decimal(value)
    return (MINUS if amount < 0 else "") + _in_currency(format_exact(abs(amount)), currency)


def _in_currency(figure: str, currency: str) -> str:
    if _locale.get() == "fr":
        return f"{figure}{NO_BREAK}{_SYMBOLS.get(currency, currency)}"
    return f"{_SYMBOLS.get(currency, currency + NO_BREAK)}{figure}"


def _percent(figure: str) -> str:
    return f"{figure}{NARROW}%" if _locale.get() == "fr" else f"{figure}%"


def format_percent(ratio: Decimal | str) -> str:
    """A rate, weight or share with exactly the decimals it has: 0.025 is `2,5 %`."""
    points = f"{Decimal(ratio) * 100:,f}"
    return _percent(_figure(points.rstrip("0").rstrip(".") if "." in points else points))


def format_percent_truncated(ratio: Decimal | str, decimals: int = 2) -> str:
    """A ratio cut, never rounded up, so that nobody reads 80,00 % beside a failed gate."""
    return format_attainment(Decimal(ratio) * 100, decimals)


def format_attainment(points: Decimal | str, decimals: int = 2) -> str:
    """Percent points such as the engine's `attainment_display` ("123.64")."""
    cut = Decimal(points).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN)
    return _percent(_figure(f"{cut:,f}"))


# --- days ----------------------------------------------------------------------------------------

_PATTERNS = {
    "long": "d MMMM yyyy",
    "medium": "d MMM yyyy",
    "short": "dd/MM/yyyy",
    "day": "d MMMM",
    "weekday": "EEEE d MMMM yyyy",
    "month": "MMMM yyyy",
}


@lru_cache(maxsize=8192)
def _day(on: date, style: str, locale: str) -> str:
    text = babel_date(on, _PATTERNS[style], locale="fr" if locale == "fr" else "en_GB")
    if locale == "fr" and on.day == 1 and style not in ("short", "month"):
        text = text.replace("1 ", "1er ", 1)
    return text.replace(" ", NO_BREAK) if style == "medium" else text


def _as_date(value: date | str) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    return paris_time(value).date() if isinstance(value, datetime) else value


def paris_time(instant: datetime | str) -> datetime:
    """The wall clock in Paris at this instant."""
    if isinstance(instant, str):
        instant = datetime.fromisoformat(instant)
    if instant.tzinfo is None:
        raise ValueError("an instant without offset cannot be shown")
    return instant.astimezone(PARIS)


def format_date(on: date | str, style: str = "long") -> str:
    """`1er juillet 2026`, in text; the `date` filter raises the `er` on pages."""
    return _day(_as_date(on), style, _locale.get())


def format_datetime(instant: datetime | str, style: str = "long") -> str:
    """`1er juillet 2026 à 9:40`, Paris time."""
    local = paris_time(instant)
    time = f"{local.hour}:{local.minute:02d}"
    day = _day(local.date(), style, _locale.get())
    return gettext("%(day)s at %(time)s", day=day, time=time)


def format_dates(first: date | str, last: date | str) -> str:
    """Two days, both counted, the year said once: `1er janvier – 30 juin 2026`."""
    first, last = _as_date(first), _as_date(last)
    style = "day" if first.year == last.year else "long"
    return f"{format_date(first, style)} – {format_date(last)}"


def format_period(code: str) -> str:
    """`FY26-H2` in words: `second semestre FY26`."""
    year, _dash, part = str(code).partition("-")
    return {
        "": gettext("fiscal year %(year)s", year=year),
        "H1": gettext("first half of %(year)s", year=year),
        "H2": gettext("second half of %(year)s", year=year),
        "Q1": gettext("first quarter of %(year)s", year=year),
        "Q2": gettext("second quarter of %(year)s", year=year),
        "Q3": gettext("third quarter of %(year)s", year=year),
        "Q4": gettext("fourth quarter of %(year)s", year=year),
    }[part]


def format_siren(number: str) -> str:
    """A SIREN or SIRET in its groups: `732 829 320 00074`."""
    groups = (number[:3], number[3:6], number[6:9], number[9:])
    return NARROW.join(group for group in groups if group)


def format_list(items: Iterable[object]) -> str:
    """Things said one after the other: `une ; deux ; trois`."""
    return (f"{NARROW}; " if _locale.get() == "fr" else "; ").join(map(str, items))


def lower_first(text: str) -> str:
    """Words of their own, put inside a sentence."""
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """A capital at the head of a sentence, the rest untouched."""
    return text[:1].upper() + text[1:]


# --- templates -----------------------------------------------------------------------------------


def _raising_ordinals(format_: Callable[..., str]) -> Callable[..., str]:
    """On pages the `er` of `1er` is raised; in texts it stays on the line."""

    @pass_context
    def filter_(context: Context, *values: Any, **options: Any) -> str:
        text = format_(*values, **options)
        if not context.eval_ctx.autoescape:
            return text
        return Markup(re.sub(r"\b1er\b", "1<sup>er</sup>", text))

    return filter_


def _by_reader(format_: Callable[..., str]) -> Callable[..., str]:
    """With the context Jinja leaves constants too to each reader, instead of to the first one."""

    @pass_context
    def filter_(_context: Context, *values: Any, **options: Any) -> str:
        return format_(*values, **options)

    return filter_


def install(environment: Environment) -> None:
    """Teach a Jinja environment the reader's words and figures."""
    environment.policies["ext.i18n.trimmed"] = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _find, _find_plural, newstyle=True, pgettext=_find_in_context
    )
    environment.globals["current_locale"] = current_locale
    environment.filters |= {
        "money": _by_reader(format_money),
        "amount": _by_reader(format_amount),
        "exact": _by_reader(format_exact),
        "exact_money": _by_reader(format_exact_money),
        "number": _by_reader(format_number),
        "percent": _by_reader(format_percent),
        "percent_truncated": _by_reader(format_percent_truncated),
        "attainment": _by_reader(format_attainment),
        "date": _raising_ordinals(format_date),
        "date_text": _by_reader(format_date),
        "dates": _raising_ordinals(format_dates),
        "dates_text": _by_reader(format_dates),
        "datetime": _raising_ordinals(format_datetime),
        "datetime_text": _by_reader(format_datetime),
        "period": _by_reader(format_period),
        "siren": format_siren,
        "decimal": Decimal,
        "listed": format_list,
        "lower_first": lower_first,
        "upper_first": upper_first,
    }
