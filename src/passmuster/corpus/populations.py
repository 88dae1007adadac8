"""Which cases estimate production, and which are looked at apart."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.corpus.keys import KeyedCases
from passmuster.records.case import Case, Category, Origin

Basis: TypeAlias = Literal["production", "typical", "all"]
"""What the figures of a comparison are of."""

ORDER = ("production", "typical", "edge", "adversarial", "regression", "prior_system", "expert", "synthetic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Cases that are measured together, by their positions in the corpus, in its order."""

    name: str
    positions: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Populations:
    """The cases of a corpus parted: those that the figures are of, and those that are looked at apart.

    `basis` is `production` where typical cases of production carry the figures; `typical` where none of the
    typical ones come from production; `all` where every case is in a pool.
    """

    basis: Basis
    main: Population
    apart: tuple[Population, ...] = ()

    @property
    def every(self) -> tuple[Population, ...]:
        """All populations, the main one first."""
        return (self.main, *self.apart)


def populations(cases: Iterable[Case]) -> Populations:
    """Part the cases: only typical ones from production estimate production.

    Pools are measured apart by their category, other typical cases by their origin. Where nothing estimates
    production, the typical cases carry the figures, and where there are none of these either, all do.

    Example:
        >>> cases = [Case(id="1", input="x"), Case(id="2", input="y", category="edge")]
        >>> found = populations([*cases, Case(id="3", input="z", origin="synthetic")])
        >>> found.basis, [(each.name, list(each.positions)) for each in found.every]
        ('production', [('production', [0]), ('edge', [1]), ('synthetic', [2])])
    """
    placed: dict[str, array[int]] = {}
    for position, case in enumerate(cases):
        placed.setdefault(_name(case.category, case.origin), array("Q")).append(position)
    if "production" in placed:
        return _parted("production", placed)
    origins = [name for name in placed if name not in ("edge", "adversarial", "regression")]
    if origins:
        merged = array("Q", sorted(position for name in origins for position in placed.pop(name)))
        return _parted("typical", {"typical": merged, **placed})
    everything = array("Q", sorted(position for positions in placed.values() for position in positions))
    return Populations(basis="all", main=Population(name="all", positions=everything))


def _name(category: Category, origin: Origin) -> str:
    return origin if category == "typical" else category


def _parted(basis: Literal["production", "typical"], placed: "dict[str, array[int]]") -> Populations:
    return Populations(
        basis=basis,
        main=Population(name=basis, positions=placed[basis]),
        apart=tuple(
            Population(name=name, positions=placed[name])
            for name in ORDER
            if name in placed and name != basis
        ),
    )


def cases_of(population: Population, cases: Sequence[Case]) -> Sequence[Case]:
    """Return the cases of a population, none of them held; the very same where it has them all."""
    if len(population.positions) == len(cases):
        return cases
    return KeyedCases.of(cases).chosen(population.positions)


def weights_of(cases: Iterable[Case]) -> NDArray[np.float64] | None:
    """Return how many cases of traffic each stands for, scaled to a mean of 1; None where all stand for as many.

    A case without a weight among others that have one stands for as many as these do on average.

    Example:
        >>> heavy, light = Case(id="1", input="x", weight=30.0), Case(id="2", input="y", weight=10.0)
        >>> weights_of([heavy, light, Case(id="3", input="z")]).tolist()
        [1.5, 0.5, 1.0]
    """
    known = np.array([np.nan if case.weight is None else case.weight for case in cases], dtype=np.float64)
    if np.isnan(known).all():
        return None
    known = known / np.nanmax(known)  # the sum of huge ones must be finite
    mean = float(np.nanmean(known))
    filled = np.where(np.isnan(known), mean, known) / mean
    return None if np.allclose(filled, 1.0, rtol=1e-9) else filled
