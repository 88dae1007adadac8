from dataclasses import replace

from passmuster.decide.prompts import prompt_reports
from passmuster.records.candidate import Candidate, Prompt
from passmuster.records.score import Difference

SHORT = Candidate(
    name="m/short", provider="openai", model="m", prompt=Prompt(name="short", user="{{ input }}")
)
LONG = replace(SHORT, name="m/long", prompt=Prompt(name="long", user="Please: {{ input }}"))


def _difference(first: str, second: str) -> Difference:
    return Difference(value=0.0, method=f"{first} - {second}")


def test_each_later_prompt_is_compared_with_the_first_of_its_model() -> None:
    other = replace(SHORT, name="n/short", model="n")
    (report,) = prompt_reports([SHORT, other, LONG], _difference)
    assert (report.candidate, report.prompt, report.versus) == ("m/long", "long", "m/short")
    assert report.difference.method == "m/long - m/short"


def test_candidates_that_differ_in_more_than_the_prompt_are_no_variants() -> None:
    hotter = replace(LONG, parameters={"temperature": 1})
    plain = Candidate(name="words", provider="baseline")
    assert prompt_reports([SHORT, hotter, plain], _difference) == ()
