import numpy as np
import pytest

from passmuster.records.trial import FailureKind
from passmuster.runner.retry import RetryPolicy


def test_being_told_to_slow_down_uses_up_no_attempt_but_has_an_end() -> None:
    policy = RetryPolicy(attempts=2, rate_limited=7)

    assert [policy.retries("rate_limit", 2, limited) for limited in (1, 6, 7)] == [True, True, False]
    assert not policy.retries("timeout", 2, 1)


@pytest.mark.parametrize("kind", ["server_error", "connection", "timeout", "malformed"])
def test_what_may_pass_is_retried_until_the_last_attempt(kind: FailureKind) -> None:
    policy = RetryPolicy()

    assert [policy.retries(kind, made) for made in range(1, 6)] == [True, True, True, True, False]


@pytest.mark.parametrize("kind", ["auth", "bad_request", "prompt", "not_recorded", "recorded", "internal"])
def test_what_would_fail_again_is_not_retried(kind: FailureKind) -> None:
    assert not RetryPolicy().retries(kind, 1)


def test_waits_are_spread_evenly_below_a_bound_that_doubles() -> None:
    policy, uniform = RetryPolicy(first=1.0, longest=8.0), np.random.default_rng(1)

    means = [np.mean([policy.wait(made, None, uniform) for _ in range(2000)]) for made in range(1, 7)]

    assert means == pytest.approx([0.5, 1, 2, 4, 4, 4], rel=0.05)


def test_retry_after_is_a_lower_bound_of_the_wait_up_to_a_cap() -> None:
    policy, uniform = RetryPolicy(longest_asked=10.0), np.random.default_rng(1)

    assert policy.wait(1, 3.0, uniform) == 3.0
    assert policy.wait(1, 3600.0, uniform) == 10.0
