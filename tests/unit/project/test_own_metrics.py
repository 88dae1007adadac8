"""Metrics that users bring come through the same door as the built-in ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from passmuster import compare, open_project, run
from passmuster.errors import ConfigurationError, Place
from passmuster.metrics.metric import Metric
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.project.load import Project
from passmuster.project.own_metrics import code_of, open_metric
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply
from passmuster.testing import check_metric

Load = Callable[..., Project]
CASE = Case(id="1", input="q", reference="yes")
CLASS = '''
from dataclasses import dataclass
from typing import ClassVar, Literal

from passmuster import Score


@dataclass(frozen=True, kw_only=True)
class Brief:
    """1 where a reply is short."""

    version: ClassVar[int] = 2
    direction: ClassVar[str] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)
    binary: ClassVar[bool] = True
    summary: ClassVar[str] = "mean"

    name: str = "brief"
    most: int = 3
    unit: Literal["characters", "words"] = "characters"

    def __post_init__(self):
        if self.most < 0:
            raise RuntimeError("most is below 0")

    def score(self, case, reply):
        length = len(reply.text) if self.unit == "characters" else len(reply.text.split())
        return Score(value=float(length <= self.most))
'''
PLAIN = '''
class Plain:
    """A class that is no dataclass."""

    version, direction, bounds, binary, summary = 1, "lower", (0.0, 9.0), False, "mean"

    def __init__(self, times: int = 1, word: str = "a"):
        self.name, self.times, self.word = "plain", times, word

    def score(self, case, reply):
        return reply.text.count(self.word) * self.times


ready = Plain(times=3)


def counted(case, reply, *, word: str = "a", most: int) -> bool:
    return reply.text.count(word) <= most
'''


def opened(folder: Path, kind: str, **options: Any) -> Metric:
    return open_metric(MetricSpec(name="mine", kind=kind, options=options), folder, Place("passmuster.yaml"))


def refused(folder: Path, kind: str, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        opened(folder, kind, **options)
    return str(caught.value)


def value(metric: Metric, text: str) -> float:
    outcome = metric.score(CASE, Reply(text=text))
    assert isinstance(outcome, Score), outcome
    return outcome.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with metrics of both kinds of folder."""
    (tmp_path / "metrics").mkdir()
    (tmp_path / "eval/metrics").mkdir(parents=True)
    (tmp_path / "metrics/brief.py").write_text(CLASS, encoding="utf-8")
    (tmp_path / "eval/metrics/plain.py").write_text(PLAIN, encoding="utf-8")
    return tmp_path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Install a package that announces a metric."""

    def install(package: str, point: str) -> None:
        place = tmp_path / "site" / package
        (place / f"{package}-1.2.dist-info").mkdir(parents=True)
        (place / f"{package}.py").write_text(CLASS + PLAIN, encoding="utf-8")
        (place / f"{package}-1.2.dist-info/METADATA").write_text(f"Name: {package}\nVersion: 1.2\n")
        text = f"[passmuster.metrics]\n{point}\n"
        (place / f"{package}-1.2.dist-info/entry_points.txt").write_text(text)
        monkeypatch.syspath_prepend(str(place))

    return install


def test_a_class_is_named_by_its_file_or_by_its_bare_name(folder: Path) -> None:
    for kind in ("metrics/brief.py:Brief", "Brief"):
        metric = opened(folder, kind, most=2)
        assert (metric.name, metric.version, metric.binary) == ("mine", 2, True)
        assert [value(metric, text) for text in ("ab", "abc")] == [1, 0]


def test_a_function_takes_options_that_are_checked_by_its_annotations(folder: Path) -> None:
    metric = opened(folder, "counted", most=1, word="b")
    assert metric.binary
    assert [value(metric, text) for text in ("b", "bb", "aaa")] == [1, 0, 1]
    assert "'most'" in refused(folder, "counted")
    assert "'most'" in refused(folder, "counted", most="1")
    assert "Did you mean 'word'?" in refused(folder, "counted", most=1, wrod="b")


def test_a_class_that_is_no_dataclass_is_checked_by_its_constructor(folder: Path) -> None:
    metric = opened(folder, "Plain", times=2)
    assert (metric.name, metric.direction, value(metric, "aa")) == ("mine", "lower", 4)
    assert "'times'" in refused(folder, "Plain", times="2")
    assert "did you mean 'times'?" in refused(folder, "Plain", tims=2)


def test_a_metric_that_a_file_has_made_is_taken_as_it_is(folder: Path) -> None:
    assert value(opened(folder, "eval/metrics/plain.py:ready"), "aa") == 6
    assert "a metric already" in refused(folder, "eval/metrics/plain.py:ready", times=2)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"most": "3"}, "option 'most': Input should be a valid integer"),
        ({"unit": "lines"}, "option 'unit': Input should be 'characters' or 'words'"),
        ({"mots": 3}, "did you mean 'most'? options: most, unit"),
        ({"name": "other"}, "has no option 'name'"),
        ({"most": -1}, "cannot be made: RuntimeError: most is below 0"),
    ],
)
def test_options_of_a_class_are_checked_as_those_of_the_built_in_metrics(
    folder: Path, options: dict[str, Any], told: str
) -> None:
    assert told in refused(folder, "Brief", **options)


@pytest.mark.parametrize(
    ("bounds", "found"),
    [([0, 10], (0, 10)), ([0, None], (0, float("inf"))), ([None, 1.5], (-float("inf"), 1.5))],
)
def test_the_bounds_of_a_function_are_an_option(folder: Path, bounds: Any, found: Any) -> None:
    assert opened(folder, "counted", most=1, bounds=bounds).bounds == found


@pytest.mark.parametrize("bounds", [3, [1], [1, 0], [0, "1"], [True, 2], [0, 1, 2]])
def test_bounds_that_are_none_are_told(folder: Path, bounds: Any) -> None:
    assert "expected the least and the greatest value" in refused(folder, "counted", most=1, bounds=bounds)


def test_a_class_that_is_no_metric_is_told_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("class Half:\n    version = 1\n    def score(self, c, r): ...\n")
    assert "Half has no direction, bounds, binary, summary" in refused(tmp_path, "mine.py:Half")


def test_a_class_that_says_nonsense_of_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PLAIN.replace("(0.0, 9.0)", "(9.0, 0.0)"))
    assert "bounds is (9.0, 0.0)" in refused(tmp_path, "mine.py:Plain")


def test_an_option_that_cannot_be_checked_is_told(tmp_path: Path) -> None:
    code = CLASS.replace("most: int = 3", "most: re.Match = None").replace(
        "from typing", "import re\nfrom typing"
    )
    (tmp_path / "mine.py").write_text(
        code.replace("import re", "class Odd: ...\nimport re").replace("re.Match", "Odd")
    )
    assert "annotate its options with what JSON has" in refused(tmp_path, "mine.py:Brief", most=1)


def test_a_name_that_stands_in_two_files_is_told_with_both(folder: Path) -> None:
    (folder / "metrics/again.py").write_text(CLASS, encoding="utf-8")
    message = refused(folder, "Brief")
    assert "metrics/again.py:Brief and in metrics/brief.py:Brief" in message
    assert "{name: mine, metric: metrics/again.py:Brief}" in message


def test_a_name_of_a_built_in_metric_is_never_taken_over_in_silence(folder: Path) -> None:
    (folder / "metrics/again.py").write_text("def exact_match(case, reply): return 1\n", encoding="utf-8")
    assert "and is built in" in refused(folder, "exact_match")
    assert value(opened(folder, "metrics/again.py:exact_match"), "?") == 1


def test_an_unknown_name_is_answered_with_the_closest_of_all_kinds(
    folder: Path, installed: Callable[[str, str], None]
) -> None:
    installed("polite_pack", "politeness = polite_pack:Brief")
    for wrong, right in (("exact_mtch", "exact_match"), ("Breif", "Brief"), ("politness", "politeness")):
        assert f"Did you mean {right!r}?" in refused(folder, wrong)


def test_a_file_that_is_no_python_hides_none_of_the_others(folder: Path) -> None:
    (folder / "metrics/aaa.py").write_text("def broken(", encoding="utf-8")
    (folder / "metrics/aab.py").write_bytes(b"\xff\xfe\x00")
    assert value(opened(folder, "Brief"), "ab") == 1


def test_files_are_not_run_to_find_a_name(folder: Path) -> None:
    (folder / "metrics/aaa.py").write_text("raise SystemExit('run')\n", encoding="utf-8")
    assert value(opened(folder, "Brief"), "ab") == 1


def test_a_plug_in_is_found_by_the_name_that_its_package_announces(
    tmp_path: Path, installed: Callable[[str, str], None]
) -> None:
    installed("polite_pack", "politeness = polite_pack:Brief")
    metric = opened(tmp_path, "politeness", most=2)
    assert (metric.name, value(metric, "abc")) == ("mine", 0)
    assert "option 'most'" in refused(tmp_path, "politeness", most="2")
    assert code_of("politeness", tmp_path) == "polite_pack 1.2"


def test_a_plug_in_that_cannot_be_loaded_is_told_with_its_package(
    tmp_path: Path, installed: Callable[[str, str], None]
) -> None:
    installed("polite_pack", "politeness = polite_pack:Nothing")
    assert "'politeness' of the package polite_pack cannot be loaded" in refused(tmp_path, "politeness")


def test_a_name_that_two_packages_announce_is_told_with_both(
    tmp_path: Path, installed: Callable[[str, str], None]
) -> None:
    installed("one_pack", "politeness = one_pack:Brief")
    installed("two_pack", "politeness = two_pack:Brief")
    assert "by several packages: one_pack and two_pack" in refused(tmp_path, "politeness")


def test_the_projects_own_metric_comes_before_a_plug_in(
    folder: Path, installed: Callable[[str, str], None]
) -> None:
    installed("polite_pack", "Brief = polite_pack:Plain")
    assert opened(folder, "Brief").version == 2


@pytest.mark.parametrize("before", ["case, reply, /, *, ", "case, /, reply, ", "*both, ", "case, reply, "])
def test_options_are_what_follows_the_case_and_the_reply_however_these_are_taken(
    tmp_path: Path, before: str
) -> None:
    (tmp_path / "mine.py").write_text(f"def brief({before}most: int = 3) -> bool:\n    return most > 4\n")
    assert value(opened(tmp_path, "mine.py:brief", most=5), "") == 1
    assert "option 'most'" in refused(tmp_path, "mine.py:brief", most="5")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("option", ["schema", "json", "copy", "model_config", "_hidden"])
def test_an_option_may_have_any_name(tmp_path: Path, option: str) -> None:
    code = f"def brief(case, reply, *, {option}: int = 3) -> bool:\n    return {option} > 4\n"
    (tmp_path / "mine.py").write_text(code)
    assert value(opened(tmp_path, "mine.py:brief", **{option: 5}), "") == 1
    assert f"option {option!r}: Input should be a valid integer" in refused(
        tmp_path, "mine.py:brief", **{option: "5"}
    )


def test_a_function_annotated_with_what_no_option_can_be_is_told_where_that_one_is_given(
    tmp_path: Path,
) -> None:
    code = "class Odd: ...\ndef brief(case, reply, odd: Odd = None, most: int = 3): return 1\n"
    (tmp_path / "mine.py").write_text(code)
    assert "annotate its options with what JSON has" in refused(tmp_path, "mine.py:brief", odd=1)
    assert value(opened(tmp_path, "mine.py:brief", most=1), "") == 1


def test_an_annotation_in_words_checks_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def brief(case, reply, most: 'below ten' = 3): return most / 10\n")
    assert value(opened(tmp_path, "mine.py:brief", most=1), "") == 0.1


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def mine(reply): return 1", "too many positional arguments"),
        ("def mine(case, reply, more, /): return 1", "missing a required argument: 'more'"),
        ("async def mine(case, reply): return 1", "is an async function"),
        (
            PLAIN.replace("Plain", "mine").replace("(self, case, reply)", "(self, reply)"),
            "too many",
        ),
    ],
)
def test_what_cannot_be_called_with_a_case_and_a_reply_is_told_before_anything_is_asked(
    tmp_path: Path, code: str, told: str
) -> None:
    (tmp_path / "mine.py").write_text(code)
    assert told in refused(tmp_path, "mine.py:mine")


def test_a_parameter_that_is_called_as_what_is_said_of_every_function_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "def brief(case, reply, direction: str = 'up'): return direction == 'up'\n"
    )
    assert "has a parameter 'direction'" in refused(tmp_path, "mine.py:brief", direction="lower")


def test_a_built_in_metric_is_what_it_was(tmp_path: Path) -> None:
    assert opened(tmp_path, "exact_match") == ExactMatch(name="mine")


def test_a_users_class_passes_the_conformance_suite(folder: Path) -> None:
    for kind, options in (("Brief", {}), ("counted", {"most": 1})):
        check_metric(opened(folder, kind, **options), cases=[CASE])


def test_a_metric_that_raises_gives_failures_and_the_run_goes_on(project: Load, tmp_path: Path) -> None:
    (tmp_path / "metrics").mkdir()
    raising = CLASS.replace("length = ", "assert case.id != '3', 'three'\n        length = ")
    (tmp_path / "metrics/brief.py").write_text(raising, encoding="utf-8")
    project("[exact_match]", "[exact_match, Brief: {most: 3}]")
    found = open_project(tmp_path)
    run(found)
    report = compare(found).candidates[0]

    assert report.metrics["Brief"].n == 5
    assert report.metrics["Brief"].n_missing == 1
    assert report.metrics["exact_match"].n == 6


def test_the_failure_of_a_metric_that_raises_keeps_the_traceback(folder: Path) -> None:
    raising = CLASS.replace("length = ", "assert case.id != '1', 'one'\n        length = ")
    (folder / "metrics/brief.py").write_text(raising, encoding="utf-8")
    outcome = opened(folder, "Brief").score(CASE, Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "error"
    assert "AssertionError: one" in outcome.message
    assert "brief.py" in outcome.message
