"""Trains the shipped model: `python -m services.classifier.training --corpora DIR --work DIR`.

Takes up where an interrupted run stopped. `--clean` leaves out the press releases whose licence forbids commercial
use.
"""

import argparse
from pathlib import Path

from services.classifier.shipped.artefact import SHIPPED
from services.classifier.training.plan import Plan
from services.classifier.training.recipe import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.classifier.training", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the corpora (see data/README.md)")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps what each step made")
    parser.add_argument("--target", type=Path, default=SHIPPED, help="folder of the finished model")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clean", action="store_true", help="without the releases under CC BY-NC-SA")
    given = parser.parse_args()
    run(Plan(given.corpora, given.work, given.seed, given.clean), given.target)


if __name__ == "__main__":
    main()
