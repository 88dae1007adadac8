"""How often screening drops the best of 50 models at a risk of 10 %: python -m benchmarks.screening_risk [WORLDS].

The worlds are those of the slow tests: 12 models are asked 200 cases each, and the correlation of public and own order is known.
"""

import sys

from tests.slow.test_screening_simulations import MEASURED, dropped

from passmuster.decide.screening import risk
from passmuster.decide.screening.filtering import FilterWish


def main(worlds: int) -> None:
    """Print one line for each correlation."""
    risk.DRAWS = 3000
    print("| correlation | best dropped | kept, mean | best not among the first ten |")
    print("|---:|---:|---:|---:|")
    for correlation, _ in MEASURED:
        found = dropped(correlation, 12, FilterWish(risk=0.1), worlds)
        print(f"| {correlation:g} | {found.lost:.1%} | {found.kept:.0f} | {found.naive:.0%} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
