"""`passmuster simulate`."""

from pathlib import Path

import click

from passmuster.cli.options import Common, project_options
from passmuster.project.load import FILE_NAME
from passmuster.project.simulation import Listening, ServedModels, endpoint_models, recorded_models, serve


@click.command(name="simulate")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="0 takes a free one."
)
@click.option(
    "--endpoints",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Endpoints as a file describes them, instead of the project's recordings.",
)
@click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), default=1.0, help="Times faster than real."
)
@click.option("--seed", type=int, help="Another seed gives other answers and times.")
@click.option(
    "--truth",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Append what was really served to this file (JSONL).",
)
@project_options
def command(
    common: Common,
    *,
    port: int,
    endpoints: Path | None,
    speed: float,
    seed: int | None,
    truth: Path | None,
) -> None:
    """Serve the project's recorded outputs as an OpenAI-compatible endpoint on this machine, until Ctrl-C.

    Rehearse a run before paying for it: give an openai candidate the printed base_url.
    """
    if endpoints is None:
        served = recorded_models(common.open())
    else:
        alone = common.project is None and not Path(FILE_NAME).exists()
        served = endpoint_models(endpoints, None if alone else common.open())

    def started(base_url: str) -> None:
        if common.json:
            common.emit({"base_url": base_url, "models": served.names})
        common.say(f"Serving {', '.join(served.names)} at {base_url} (Ctrl-C ends it). In passmuster.yaml:")
        common.say(
            f'  - {{name: rehearsal, provider: openai, model: {served.names[0]}, base_url: "{base_url}"}}'
        )

    chosen = served if seed is None else ServedModels(models=served.models, seed=seed)
    serve(chosen, Listening(port=port, time_scale=1 / speed, truth=truth), started)
