"""What machines of one's own and upkeep cost, as a candidate's entry states it."""

from passmuster.project.cost_settings import InfrastructureSettings, UpkeepSettings
from passmuster.records.candidate import Infrastructure, Upkeep


def infrastructure_of(settings: InfrastructureSettings | None) -> Infrastructure | None:
    """Return the machines that are stated; None where none are."""
    if settings is None:
        return None
    return Infrastructure(
        hourly=settings.hourly,
        tasks_per_hour=settings.tasks_per_hour,
        utilisation=settings.utilisation,
        machines=settings.machines,
    )


def upkeep_of(settings: UpkeepSettings | None) -> Upkeep | None:
    """Return the upkeep that is stated; None where none is."""
    if settings is None:
        return None
    return Upkeep(
        monthly=settings.monthly,
        once=settings.once,
        months=settings.months,
        hours=settings.hours,
        hourly=settings.hourly,
    )
