"""What a statement of 20 claims costs to render, beside the one-liner: `python -m bench.statement_pdf`.

Both hold the same content; ours is PDF/A-3a, tagged, with its figures attached. Prints CPU per document and
their ratio (aim: 0.75 or less); the two alternate, so that a busy machine weighs on both alike.
"""

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import weasyprint

from workers import pdf

HERE = Path(__file__).parent
ROUNDS = 12


def naive() -> bytes | None:
    html = (HERE / "naive_statement.html").read_text()
    return weasyprint.HTML(string=html, base_url=f"{HERE.parent}/").write_pdf()


def ours() -> bytes | None:
    return pdf.render_statement(json.loads((HERE / "statement_20_claims.json").read_text()))


def cpu_of(render: Callable[[], bytes | None]) -> float:
    start = time.process_time()
    render()
    return (time.process_time() - start) * 1000


def main() -> None:
    """Alternate the two and print the medians."""
    pdf.warm()
    naive(), ours()
    gc.collect()
    gc.freeze()  # as the workers do after their warm-up
    figures = [(cpu_of(naive), cpu_of(ours)) for _ in range(ROUNDS)]
    plain, lean = (statistics.median(side) for side in zip(*figures, strict=True))
    sys.stdout.write(f"naive one-liner: {plain:.0f} ms of CPU a document\n")
    sys.stdout.write(f"render_statement: {lean:.0f} ms of CPU a document\n")
    sys.stdout.write(f"ratio: {lean / plain:.2f} (aim: 0.75 or less)\n")


if __name__ == "__main__":
    main()
