"""The paper on a page: tables scroll, the chart has the page's colours, figures open what they come from."""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from portal.i18n import gettext as _

_PLACED = re.compile(r"<h2(?P<set>[^>]*)>(?P<title>.*?)</h2>|<table.*?</table>", re.DOTALL)
_NUMBER = re.compile(r"<span>([0-9]+)</span>")
_CHART = re.compile(r'<svg [^>]*role="img".*?</svg>', re.DOTALL)
_REFERENCE = re.compile(r"D-FY[0-9]{2}-[0-9]{6}|R-FY[0-9]{2}(?:[HQ][1-4])?-[0-9]{6}")


def on_page(html: str, *, claim_urls: Mapping[str, str]) -> Markup:
    """Parts written for paper by our own templates, with what only a page can do."""
    placed = _named_tables(html)
    framed = _CHART.sub(lambda found: f'<figure class="chart">{found[0]}</figure>', placed)
    named = re.escape(_("section %(number)s", number="0")).replace("0", "([0-9]+)")
    led = re.sub(rf"(?<=>){named}(?=[<,])", lambda found: f'<a href="#s{found[1]}">{found[0]}</a>', framed)

    def opened(found: re.Match[str]) -> str:
        url = claim_urls.get(found[0])
        return f'<a href="{escape(url)}">{found[0]}</a>' if url else found[0]

    return Markup(_REFERENCE.sub(opened, led))


def _named_tables(html: str) -> str:
    """Headings that can be led to, and each table in a region named by the heading above it."""
    above, tables = _("Summary"), 0

    def named(found: re.Match[str]) -> str:
        nonlocal above, tables
        if found["title"] is None:
            tables += 1
            label = above if tables == 1 else f"{above} ({tables})"
            return f'<div class="table-wrap" role="region" aria-label="{label}" tabindex="0">{found[0]}</div>'
        above, tables = Markup(found["title"]).striptags(), 0
        number = _NUMBER.search(found["title"])
        place = f' id="s{number[1]}"' if number else ""
        return f"<h2{found['set']}{place}>{found['title']}</h2>"

    return _PLACED.sub(named, html)
