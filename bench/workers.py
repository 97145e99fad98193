"""Documents a second of one worker and of two, on one machine, in one run.

    TEST_DATABASE_URL=postgresql://… python3 bench/workers.py [--partners 400]

Half of the statements of bench/run.py for each, every other item, so that both halves are alike.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Print half with one worker, the other half with two; print the ratio."""
    from bench.run import arranged, issued_statements, through_the_workers

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, arranged(Path(folder)) as (fleet, url):
        issued = issued_statements(url, options.partners)
        half = len(issued.documents) // 2
        rates, before = [], 0
        for workers, items, reached in (
            (1, issued.items[::2], half),
            (2, issued.items[1::2], len(issued.documents)),
        ):
            share = replace(issued, documents=issued.documents[:reached], items=items)
            filed, *_ = through_the_workers(fleet, url, share, workers)
            rates.append((reached - before) / filed)
            before = reached
            print(f"{workers} worker{'s' * (workers > 1)}: {rates[-1]:6.2f} documents/s", flush=True)
    print(f"two beside one: {rates[1] / rates[0]:.2f} (aim 1.70)")


if __name__ == "__main__":
    main()
