"""Memory of a worker over many documents: as it works, in children of ten each, and in one long process.

    python3 bench/memory.py [--documents 2000]

Prints what each holds at the start, half-way and at the end, and what the second half added a document.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

CHUNK = 10  # documents of one work item, and so of one child


def main() -> None:
    """Render as a worker does, then all in one process."""
    from workers import pdf, worker

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2000)
    options = parser.parse_args()
    document = json.loads((ROOT / "bench" / "statement_20_claims.json").read_text())
    worker.warm_up()
    pdf.render_statement(document)

    def in_a_child() -> None:
        child = os.fork()
        if not child:
            for _ in range(CHUNK):
                pdf.render_statement(document)
            os._exit(0)
        os.waitpid(child, 0)

    tell("a worker, in children", CHUNK, options.documents, in_a_child)
    tell("one process", 1, options.documents, lambda: pdf.render_statement(document))


def tell(name: str, each: int, documents: int, step: object) -> None:
    """Do it for all documents, and say what the memory did."""
    held = [used()]
    for done in range(each, documents + 1, each):
        step()  # type: ignore[operator]
        if done in (documents // 2, documents):
            held.append(used())
    per_document = (held[2] - held[1]) / (documents / 2)
    start, half, end = (f"{size / 1e6:.0f} MB" for size in held)
    print(f"{name}: {start} at the start, {half} half-way, {end} after {documents} documents", flush=True)
    print(
        f"  {per_document / 1e3:.2f} kB a document, {per_document * 1e4 / 1e6:.0f} MB in 10 000", flush=True
    )


def used() -> int:
    """Memory that is this process's own."""
    return int(psutil.Process().memory_full_info().uss)


if __name__ == "__main__":
    main()
