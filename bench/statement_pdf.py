"""What a statement of 20 claims costs to render, beside what else prints: `python -m bench.statement_pdf`.

All hold the same content; ours is PDF/A-3a, tagged, with its figures attached. Prints the processor's time of
a document and ours divided by theirs; they take turns, so that a busy machine weighs on all alike.

    one-liner   a natural template, frozen here, given to WeasyPrint in one line
    Chromium    headless, kept alive with its fonts and sheet loaded, printing our very page, tagged;
                the time of all its processes, and of nothing that hands it the page
    Typst       the same words in like tables, PDF/A-3a, fonts loaded; only where its package is
                installed (`pip install typst`)
"""

import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil
import weasyprint

from bench import typst_statement
from portal import i18n
from portal.cli.setup.system import BROWSERS, found
from portal.statements.figures import fingerprint
from workers import pdf

HERE = Path(__file__).parent
ROUNDS, EACH = 12, 3
DOCUMENT = json.loads((HERE / "statement_20_claims.json").read_text())
AIMS = {"one-liner": "0.60 or less", "Chromium": "less than 1.20", "Typst": "8.00 or less"}
Print = Callable[[], object]
Clock = Callable[[], float]


def one_liner() -> None:
    html = (HERE / "naive_statement.html").read_text()
    weasyprint.HTML(string=html, base_url=f"{HERE.parent}/").write_pdf()


def our_page() -> str:
    with i18n.use_locale(DOCUMENT["locale"]):
        return pdf.statement_page(DOCUMENT, fingerprint(DOCUMENT))


@contextmanager
def chromium(page: str) -> Iterator[tuple[Print, Clock]]:
    """Our page, printed by a browser that stays open; and the time of its processes."""
    from playwright.sync_api import sync_playwright

    head, _, body = page.partition("<body")
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        open_to_fonts = ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
        browser = driver.chromium.launch(executable_path=str(found(BROWSERS)), args=open_to_fonts)
        file = Path(folder, "page.html")
        file.write_text(
            f'<!doctype html>{head}<link rel="stylesheet" href="{pdf.SHEET.as_uri()}"><body></body>'
        )
        tab = browser.new_page()
        tab.goto(file.as_uri())

        def spent() -> float:  # a process that has ended counts with the one that waited for it
            family = psutil.Process().children(recursive=True)
            return sum(sum(one.cpu_times()[:4]) for one in family if "chrom" in one.name())

        def show_and_print() -> bytes:
            tab.evaluate("words => { document.body.innerHTML = words }", body.partition(">")[2])
            return tab.pdf(prefer_css_page_size=True, print_background=True, tagged=True)

        yield show_and_print, spent
        browser.close()


def main() -> None:
    """Let them take turns and print the medians."""
    pdf.warm()
    page = our_page()
    with ExitStack() as open_:
        prints: dict[str, tuple[Print, Clock]] = {
            "ours": (lambda: pdf.render_statement(DOCUMENT), time.process_time),
            "one-liner": (one_liner, time.process_time),
        }
        if found(BROWSERS):
            prints["Chromium"] = open_.enter_context(chromium(page))
        if find_spec("typst"):
            prints["Typst"] = (open_.enter_context(typst_statement.printer(page)), time.process_time)
        for print_one, _ in prints.values():
            print_one()
        gc.collect()
        gc.freeze()  # as the workers do after their warm-up
        spent: dict[str, list[float]] = {name: [] for name in prints}
        for _ in range(ROUNDS):
            for name, (print_one, clock) in prints.items():
                spent[name].append(time_of(print_one, clock))
    tell({name: statistics.median(times) for name, times in spent.items()})


def time_of(print_one: Print, clock: Clock) -> float:
    """Milliseconds a document, over a few: a browser's clock ticks in hundredths of a second."""
    start = clock()
    for _ in range(EACH):
        print_one()
    return (clock() - start) * 1000 / EACH


def tell(medians: dict[str, float]) -> None:
    """Each, and ours beside it."""
    ours = medians.pop("ours")
    sys.stdout.write(f"ours:      {ours:6.1f} ms of a processor a document\n")
    for name, theirs in medians.items():
        sys.stdout.write(
            f"{name + ':':10} {theirs:6.1f} ms; ours is {ours / theirs:.2f} of it (aim: {AIMS[name]})\n"
        )
    for name in AIMS.keys() - medians.keys():
        sys.stdout.write(f"{name}: not on this machine\n")


if __name__ == "__main__":
    main()
