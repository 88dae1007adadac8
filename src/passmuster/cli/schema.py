"""`passmuster schema`."""

import click

from passmuster.cli.options import Printing, printing_options
from passmuster.project.schema import project_schema


@click.command(name="schema")
@printing_options
def command(printing: Printing) -> None:
    """Print the JSON Schema of passmuster.yaml.

    Save it and name it in the first line of the file, for editors that know YAML:
    # yaml-language-server: $schema=passmuster.schema.json
    """
    printing.emit(project_schema())
