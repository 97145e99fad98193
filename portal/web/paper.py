"""The paper's own parts put on a page: tables scroll, the chart has the page's colours, claims open."""

import re
from collections.abc import Mapping
from itertools import count

from markupsafe import Markup, escape

from portal.i18n import gettext as _

_TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
_CHART = re.compile(r'<svg [^>]*role="img".*?</svg>', re.DOTALL)
_REFERENCE = re.compile(r"D-FY[0-9]{2}-[0-9]{6}|R-FY[0-9]{2}(?:[HQ][1-4])?-[0-9]{6}")


def on_page(html: str, *, claim_urls: Mapping[str, str]) -> Markup:
    """Parts written for paper by our own templates, with what only a page can do."""

    def opened(found: re.Match[str]) -> str:
        url = claim_urls.get(found[0])
        return f'<a href="{escape(url)}">{found[0]}</a>' if url else found[0]

    numbers = count(1)

    def wrapped_table(found: re.Match[str]) -> str:
        label = escape(_("Figures, table %(number)s", number=next(numbers)))
        return f'<div class="table-wrap" role="region" aria-label="{label}" tabindex="0">{found[0]}</div>'

    wrapped = _TABLE.sub(wrapped_table, html)
    framed = _CHART.sub(lambda found: f'<figure class="chart">{found[0]}</figure>', wrapped)
    return Markup(_REFERENCE.sub(opened, framed))
