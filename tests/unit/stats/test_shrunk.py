"""Covariances from few rows: no direction is free of noise by chance, and many rows are believed."""

import numpy as np

from passmuster.stats.shrunk import shrunk_covariance


def columns(rows: int, number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    draws = np.random.default_rng(3)
    return np.asarray(draws.normal(size=(rows, 1)) + draws.normal(size=(rows, number)), dtype=np.float64)


def test_no_direction_looks_free_of_noise_where_rows_are_few() -> None:
    few = columns(30, 24)
    assert np.linalg.eigvalsh(np.cov(few.T))[0] < 0.1  # the truth is 1
    assert 0.5 < np.linalg.eigvalsh(shrunk_covariance(few))[0] < 1.5


def test_variances_stay_and_many_rows_are_believed() -> None:
    few, many = columns(30, 6), columns(20_000, 6)
    many[:, 1] = -many[:, 0] + 0.1 * many[:, 1]
    assert np.allclose(np.diag(shrunk_covariance(few)), few.var(axis=0))
    assert np.abs(shrunk_covariance(many) - np.cov(many.T)).max() < 0.01


def test_a_column_that_never_varies_and_columns_that_are_the_same_break_nothing() -> None:
    rows = columns(40, 5)
    rows[:, 2] = 1.0
    rows[:, 4] = rows[:, 3]
    found = shrunk_covariance(rows)
    assert np.isfinite(found).all()
    assert not found[2].any()
    assert np.linalg.eigvalsh(found)[0] > -1e-12
    two = shrunk_covariance(rows[:, :2])
    assert np.allclose(two, np.cov(rows[:, :2].T, bias=True))


def test_it_is_that_of_the_paper() -> None:
    # every sum of appendix B written out
    rows = columns(25, 4)
    t, n = rows.shape
    x = rows - rows.mean(axis=0)
    s = x.T @ x / t
    r = s / np.sqrt(np.outer(np.diag(s), np.diag(s)))
    mean = sum(r[i, j] for i in range(n) for j in range(i + 1, n)) * 2 / (n * (n - 1))
    f = np.array(
        [[s[i, i] if i == j else mean * np.sqrt(s[i, i] * s[j, j]) for j in range(n)] for i in range(n)]
    )
    pi = rho = gamma = 0.0
    for i in range(n):
        for j in range(n):
            one = float(((x[:, i] * x[:, j] - s[i, j]) ** 2).mean())
            pi += one
            gamma += float((f[i, j] - s[i, j]) ** 2)
            if i == j:
                rho += one
            else:
                ii = float(((x[:, i] ** 2 - s[i, i]) * (x[:, i] * x[:, j] - s[i, j])).mean())
                jj = float(((x[:, j] ** 2 - s[j, j]) * (x[:, i] * x[:, j] - s[i, j])).mean())
                rho += mean / 2 * (np.sqrt(s[j, j] / s[i, i]) * ii + np.sqrt(s[i, i] / s[j, j]) * jj)
    weight = max(0.0, min(1.0, (pi - rho) / gamma / t))
    assert 0 < weight < 1
    assert np.allclose(shrunk_covariance(rows), weight * f + (1 - weight) * s)
