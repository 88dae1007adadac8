"""The typed form of the cost model in passmuster.yaml, and of what machines and upkeep of a candidate cost."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from passmuster.project.fields import Dollars, Minutes, Name, Share
from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings(Record):
    """When a person looks at a reply, and what that costs."""

    when: Annotated[Name, Field(description="over confidence, failed, failure, category, stratum and tags")]
    minutes: Minutes
    hourly: Dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings(Record):
    """A further call that tasks make in production: a guard's, a judge's."""

    name: Annotated[Name, Field(description="how it is shown")]
    usd: Annotated[Dollars | None, Field(description="what one costs")] = None
    share: Annotated[Share, Field(description="the share of tasks that make it")] = 1.0
    scorer: Annotated[
        Name | None, Field(description="the scorer whose stored answers say what one costs, instead of usd")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSettings(Record):
    """What a task costs besides its tokens."""

    review: Annotated[
        tuple[ReviewSettings, ...], Field(description="one rule or several; each that applies is paid for")
    ] = ()
    monthly_volume: Annotated[int | None, Field(description="tasks a month", ge=1)] = None
    calls: Annotated[tuple[CallSettings, ...], Field(description="further calls that a task makes")] = ()
    silent_failure: Annotated[
        Dollars | None, Field(description="what a wrong answer costs that nobody notices")
    ] = None
    peak: Annotated[
        float | None, Field(description="tasks of the busiest hour, for which machines must be enough", gt=0)
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfrastructureSettings(Record):
    """Machines of one's own."""

    hourly: Annotated[Dollars, Field(description="what an hour of one machine costs")]
    tasks_per_hour: Annotated[
        float | None, Field(description="tasks that one really does; default: as the run measured it", gt=0)
    ] = None
    utilisation: Annotated[
        Share, Field(description="the share of that which it does on average: 40 %", gt=0, le=1)
    ] = 1.0
    machines: Annotated[int, Field(description="how many run at least", ge=1, le=100_000)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepSettings(Record):
    """What a candidate costs a month whatever the volume, and once."""

    monthly: Annotated[Dollars, Field(description="a month: on-call, a licence, a minimum fee")] = 0.0
    once: Annotated[Dollars, Field(description="before the first task: a fine-tuning, an integration")] = 0.0
    months: Annotated[float, Field(description="over so many months `once` is spread", gt=0)] = 12.0
    hours: Annotated[float, Field(description="hours of work a month", ge=0)] = 0.0
    hourly: Annotated[Dollars, Field(description="what an hour of that work costs")] = 0.0
