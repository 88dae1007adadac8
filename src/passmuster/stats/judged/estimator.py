"""Corrected estimates from sums: post-stratified, prediction-powered, and by Rogan and Gladen."""

from typing import NamedTuple

import numpy as np

from passmuster.stats.arrays import FloatArray
from passmuster.stats.judged.form import LEAST_SKILL, Form, Moments, Rows, columns_of, moments

_TINY = 1e-300


class Point(NamedTuple):
    """An estimate, the centre of its interval, its standard error and its degrees of freedom.

    All are on the scale from 0 to 1. The centre differs from the value where pseudo-ratings stand for what was not seen.
    """

    value: FloatArray
    centre: FloatArray
    error: FloatArray
    degrees: FloatArray


def estimate_of_sums(sums: FloatArray, form: Form) -> Point:
    """Return the estimate of each set of sums, shape (..., columns) -> (...), on the scale from 0 to 1."""
    found = moments(sums, form)
    if form.kind == "Rogan-Gladen":
        point = _rogan_gladen(found)
    else:
        point = _post_stratified(found) if form.kind == "post-stratified" else _prediction_powered(found)
    error = np.sqrt(form.design) * point.error
    return point._replace(error=error, degrees=np.minimum(point.degrees, form.most_degrees))


def _share(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.asarray(above / np.maximum(below, _TINY), dtype=np.float64)


def _worth(weight: FloatArray, squared: FloatArray) -> FloatArray:
    """Return how many equally weighted cases these are worth (Kish 1965)."""
    return _share(weight**2, squared)


def _between(found: Moments, means: FloatArray, value: FloatArray) -> FloatArray:
    """Return the variance that the shares of the strata have, as a sample of what comes."""
    total = found.aw.sum(axis=-1)
    return _share((found.av * (means - value[..., None]) ** 2).sum(axis=-1), total**2)


def _post_stratified(found: Moments) -> Point:
    """Return sum q_v p_v: shares of the strata times what people said in each, half a pass and half a fail added."""
    shares = _share(found.aw, found.aw.sum(axis=-1, keepdims=True))
    n = _worth(found.rw, found.rv)
    mean = _share(found.rwy, found.rw)
    smooth = (n * mean + 0.5) / (n + 1)
    spread = _share(found.rvyy - 2 * smooth * found.rvy + smooth**2 * found.rv, found.rv)
    spread = np.maximum(n * spread + 0.5 * smooth**2 + 0.5 * (1 - smooth) ** 2, 0.0) / (n + 1)
    # A stratum that a resample left without ratings is as unknown as one rating can leave it.
    value = (shares * np.where(found.n > 0, mean, smooth)).sum(axis=-1)
    centre = (shares * smooth).sum(axis=-1)
    within = (shares**2 * spread / np.maximum(n, 1.0)).sum(axis=-1)
    error = np.sqrt(within + _between(found, smooth, centre))
    strata = (found.n > 0).sum(axis=-1)
    return Point(value, centre, error, np.maximum(n.sum(axis=-1) - strata, 1.0))


class _Tuned(NamedTuple):
    """Lambda, and what having tuned it on the same ratings adds to the estimate."""

    power: FloatArray
    bias: FloatArray


def tuning(found: Moments) -> _Tuned:
    """Return the lambda of the least variance, one for all strata, between 0 and 1 (PPI++, section 6).

    Where people's ratings are skewed, a lambda tuned on them goes with the mean of the judge on them: the estimate is
    off by -cov(lambda, mean) = -E (f - mean f)^2 (y - mean y) / (n (1 + n/N) var f), to first order.
    """
    shares = _share(found.aw, found.aw.sum(axis=-1, keepdims=True))
    known = found.un > 0
    n, rest = np.maximum(_worth(found.rw, found.rv), 1.0), np.maximum(_worth(found.uw, found.uv), 1.0)
    y, f = _share(found.rvy, found.rv), _share(found.rvf, found.rv)
    both = _share(found.rvyf, found.rv) - y * f
    third = _share(found.rvyff, found.rv) - y * _share(found.rvff, found.rv) - 2 * f * both
    per_rating = np.where(known, shares**2 / n, 0.0)
    per_rest = np.where(known, shares**2 / rest, 0.0)
    bottom = ((per_rating + per_rest) * _pooled(found)).sum(axis=-1)
    safe = np.maximum(bottom, 1e-15)
    free = np.where(bottom > 1e-15, (per_rating * both).sum(axis=-1) / safe, 0.0)
    bias = np.where((free > 0) & (free < 1), -(shares * per_rating * third / n).sum(axis=-1) / safe, 0.0)
    return _Tuned(np.clip(free, 0.0, 1.0), bias)


def _pooled(found: Moments) -> FloatArray:
    """Return the variance of the judge over rated and other replies of a stratum together."""
    v, vf, vff = found.rv + found.uv, found.rvf + found.uvf, found.rvff + found.uvff
    mean = _share(found.rwf + found.uwf, found.rw + found.uw)
    n = found.n + found.un
    spread = np.maximum(_share(vff - 2 * mean * vf + mean**2 * v, v), 0.0)
    return np.asarray(spread * n / np.maximum(n - 1, 1.0), dtype=np.float64)


def _prediction_powered(found: Moments) -> Point:
    tuned = tuning(found)
    lam = np.where(found.un > 0, tuned.power[..., None], 0.0)
    shares = _share(found.aw, found.aw.sum(axis=-1, keepdims=True))
    n, rest = _worth(found.rw, found.rv), _worth(found.uw, found.uv)
    residual = _share(found.rwy - lam * found.rwf, found.rw)
    squares = found.rvyy - 2 * lam * found.rvyf + lam**2 * found.rvff
    spread = squares - 2 * residual * (found.rvy - lam * found.rvf) + residual**2 * found.rv
    spread = n * np.maximum(_share(spread, found.rv), 0.0)
    other = _share(found.uwf, found.uw)
    unrated = np.maximum(_share(found.uvff - 2 * other * found.uvf + other**2 * found.uv, found.uv), 0.0)
    means = residual + lam * other
    value = np.clip((shares * means).sum(axis=-1) - tuned.bias, 0.0, 1.0)
    # Half a rating of the least value and half one of the greatest: what was not seen among so few. Strata with few
    # ratings borrow one from all of them.
    total = n.sum(axis=-1)
    unseen = 0.5 * value**2 + 0.5 * (1 - value) ** 2
    typical = (spread.sum(axis=-1) + unseen) / np.maximum(total - (found.n > 0).sum(axis=-1), 1.0)
    own = (spread + typical[..., None]) / np.maximum(n, 1.0)
    within = own / np.maximum(n, 1.0) + lam**2 * unrated / np.maximum(rest - 1, 0.5)
    error = np.sqrt((shares**2 * within).sum(axis=-1) + _between(found, means, value))
    degrees = total - (found.n > 0).sum(axis=-1) - 1
    centre = (total * value + 0.5) / (total + 1)
    return Point(value, centre, error, np.maximum(degrees, 1.0))


def _rogan_gladen(found: Moments) -> Point:
    """Return (q + sp - 1) / (se + sp - 1), with the pseudo-counts of Lang and Reiczigel (2014)."""
    z2 = 1.96**2
    passed, failed = found.rwy, found.rw - found.rwy
    scale = _share(found.rw.sum(axis=-1), found.rv.sum(axis=-1))  # weights add up to what they are worth
    n_pass, n_fail = passed.sum(axis=-1) * scale, failed.sum(axis=-1) * scale
    hits, rejects = passed[..., 1] * scale, failed[..., 0] * scale
    n = _worth(found.aw.sum(axis=-1), found.av.sum(axis=-1))
    share = _share(found.aw[..., 1], found.aw.sum(axis=-1))
    raw = _solved(share, _share(hits, n_pass), _share(rejects, n_fail))
    se, sp = (hits + 1) / (n_pass + 2), (rejects + 1) / (n_fail + 2)
    q = (n * share + z2 / 2) / (n + z2)
    skill = np.maximum(se + sp - 1, LEAST_SKILL / 2)
    pi = np.clip((q + sp - 1) / skill, 0.0, 1.0)
    of_se, of_sp = se * (1 - se) / (n_pass + 2), sp * (1 - sp) / (n_fail + 2)
    variance = (q * (1 - q) / (n + z2) + pi**2 * of_se + (1 - pi) ** 2 * of_sp) / skill**2
    # The bias of a ratio, of second order (Lang and Reiczigel 2014, section 2).
    shift = 2 * z2 * (pi * of_se - (1 - pi) * of_sp)
    degrees = np.maximum(n_pass + n_fail - 2, 1.0)
    return Point(raw, pi + shift, np.sqrt(variance), degrees)


def _solved(share: FloatArray, se: FloatArray, sp: FloatArray) -> FloatArray:
    skill = np.maximum(se + sp - 1, LEAST_SKILL / 2)
    return np.clip((share + sp - 1) / skill, 0.0, 1.0)


def influence_of(rows: Rows, form: Form) -> FloatArray:
    """Return what each case contributes to the error of the estimate, to first order; 0 for one not judged."""
    found = moments(columns_of(rows, form).sum(axis=0), form)
    if form.kind == "Rogan-Gladen":
        return _influence_of_inversion(rows, found)
    point = estimate_of_sums(columns_of(rows, form).sum(axis=0), form)
    lam = np.where(found.un > 0, tuning(found).power, 0.0) if form.kind == "PPI++" else np.zeros(form.strata)
    residual = _share(found.rwy - lam * found.rwf, found.rw)
    other = _share(found.uwf, found.uw)
    means, shares = residual + lam * other, _share(found.aw, found.aw.sum())
    own = rows.stratum
    rated = (
        shares[own] * (rows.human - lam[own] * rows.judged - residual[own]) / np.maximum(found.rw, _TINY)[own]
    )
    rest = shares[own] * lam[own] * (rows.judged - other[own]) / np.maximum(found.uw, _TINY)[own]
    every = (means[own] - float(point.value)) / float(found.aw.sum())
    given = np.where(rows.rated, rows.chosen * rated, rows.weight * rest) + rows.weight * every
    return np.where(rows.used, given, 0.0)


def _influence_of_inversion(rows: Rows, found: Moments) -> FloatArray:
    passed, failed = float(found.rwy.sum()), float((found.rw - found.rwy).sum())
    se, sp = float(found.rwy[1]) / passed, float((found.rw - found.rwy)[0]) / failed
    share = float(found.aw[1] / found.aw.sum())
    skill = max(se + sp - 1, LEAST_SKILL / 2)
    value = (share + sp - 1) / skill
    y, f = rows.human, rows.judged
    every = (f - share) / float(found.aw.sum())
    of_se = np.where(rows.rated, y * (f - se) / passed, 0.0)
    of_sp = np.where(rows.rated, (1 - y) * (1 - f - sp) / failed, 0.0)
    given = (every - value * of_se + (1 - value) * of_sp) / skill
    return np.where(rows.used, rows.weight * given, 0.0)
