"""Whatever a project file holds, it is a project or a ConfigurationError."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.errors import ConfigurationError, PassmusterError
from passmuster.project.load import Project
from passmuster.project.yaml import read_yaml

GOOD = """\
task: t
corpus: {path: cases.jsonl, split: {train: 70 %, eval: 20 %, holdout: 10 %}, use: eval}
prompt: {name: p, user: "{{ input }}"}
metrics: [exact_match, {f1_per_class: {}}, {name: x, metric: accuracy, normalise: [case]}]
bars: {exact_match: {at_least: 0.7}, latency_p95: {at_most: 1.5 s}}
cost: {review: {when: confidence < 0.8, minutes: 3, hourly: 40 USD}, monthly_volume: 10}
worth: {margin: 5 points}
success: exact_match
incumbent: a
finalists: [a]
candidates:
  - {name: a, provider: openai, model: m, prices: {input: 1, output: 2}, parameters: {temperature: 0}}
  - {name: b, provider: baseline, kind: regex, patterns: [{x: y}]}
  - {name: c, provider: baseline, kind: manual, minutes: 3, hourly: 40 USD}
"""
WORDS = sorted({*GOOD.replace("{", " ").replace("}", " ").replace(",", " ").replace(":", " ").split()})
PIECES = st.sampled_from(
    [*WORDS, "{", "}", "[", "]", ":", ": ", "- ", ", ", "\n", "\n  ", "&a ", "*a", "<<: *a", "!!x ", "'", '"', "|", "#", "${X}", "${HOME:-", "\t", "~", "0", "-1", "1e9", "\x00", "é", "\ud800", "null"]
)  # fmt: skip


def opens_or_explains(text: str, folder: Path) -> None:
    told = complaint(text, folder)
    if told is not None:
        assert told.exit_code == 2
        assert told.place is not None


def complaint(text: str, folder: Path) -> PassmusterError | None:
    """Open everything that the text names; any other exception than our own goes through."""
    try:
        project = Project(read_yaml(text, str(folder / "passmuster.yaml"), {}), {})
        project.metrics()
        project.corpus()
        project.providers()
    except ConfigurationError as error:
        return error
    return None


@given(text=st.text(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_project_or_a_configuration_error(text: str, tmp_path: Path) -> None:
    opens_or_explains(text, tmp_path)


@given(pieces=st.lists(PIECES, max_size=30))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_pieces_of_a_project_are_a_project_or_a_configuration_error(
    pieces: list[str], tmp_path: Path
) -> None:
    opens_or_explains("".join(pieces), tmp_path)


@given(data=st.data())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_project_with_any_piece_replaced_is_a_project_or_a_configuration_error(
    data: st.DataObject, tmp_path: Path
) -> None:
    text = GOOD
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(PIECES) + text[end:]
    opens_or_explains(text, tmp_path)
