"""The typed form of a prompt variant in passmuster.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from passmuster.project.fields import Name
from passmuster.records.candidate import Structure
from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class FewShotSettings(Record):
    """Solved cases that a prompt shows: `k` drawn from the train split, or some of it by their ids."""

    k: Annotated[int | None, Field(description="how many are drawn", ge=1, le=1000)] = None
    seed: Annotated[int, Field(description="another seed draws other cases")] = 0
    by: Annotated[
        Literal["stratum", "category", "reference"] | None,
        Field(description="as many of each stratum, category or right answer as can be"),
    ] = None
    cases: Annotated[
        tuple[Name, ...], Field(description="ids of train cases, in this order, instead of a draw")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSettings(Record):
    """A prompt variant: Jinja2 templates, rendered in a sandbox."""

    name: Annotated[Name | None, Field(description="default: the file's name without its ending")] = None
    file: Annotated[Name | None, Field(description="a file with the user template")] = None
    user: Annotated[str | None, Field(description="the user template itself")] = None
    system: Annotated[str | None, Field(description="the template of the system text")] = None
    system_file: Annotated[Name | None, Field(description="a file with the template of the system text")] = (
        None
    )
    format: Annotated[
        str | None, Field(description="what the output is to look like; it ends the system text")
    ] = None
    structure: Annotated[
        Structure | None, Field(description="how a case is laid out without a user template; default: plain")
    ] = None
    few_shot: Annotated[
        FewShotSettings | None, Field(description="solved train cases that are shown: 4, or {k: 4, seed: 1}")
    ] = None
    parameters: Annotated[
        Mapping[str, Json], Field(description="over the candidate's own: temperature, top_p, ...")
    ] = field(default_factory=dict)
