"""A group of verbs that is a table: each verb's module is loaded when it is used."""

import gc
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click


class Verbs(click.Group):
    """A group that reads its commands off a table and loads only the one that is used.

    Args:
        table: Verb -> module in `passmuster.cli`, and its line in the help.
    """

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the table."""
        del ctx
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the module of a verb."""
        del ctx
        if cmd_name not in self.table:
            return None
        module = f"passmuster.cli.{self.table[cmd_name][0]}"
        command = _loaded(module).command
        if not isinstance(command, click.Command):
            message = f"{module} has no command"
            raise TypeError(message)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or name the closest one."""
        _known(args, list(self.table), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs from the table, loading none."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])


class SmallVerbs(click.Group):
    """A group whose few verbs lie in one module: they are listed like those of a table, in the given order.

    Args:
        order: The verbs in the order in which they are used.
    """

    def __init__(self, *args: Any, order: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in their order."""
        del ctx
        return sorted(self.commands, key=self.order.index)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or name the closest one."""
        _known(args, self.order, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each verb with its whole first sentence."""
        lines = [
            (name, self.commands[name].get_short_help_str(limit=200)) for name in self.list_commands(ctx)
        ]
        with formatter.section("Verbs"):
            formatter.write_dl(lines)


def _known(args: Sequence[str], verbs: Sequence[str], ctx: click.Context) -> None:
    """Raise a usage error that names the closest verb where the first word is none."""
    if args and args[0] not in verbs and not args[0].startswith("-"):
        close = get_close_matches(args[0], verbs, n=1)
        meant = f"Did you mean '{close[0]}'?" if close else f"Verbs: {', '.join(verbs)}."
        raise click.UsageError(f"There is no verb '{args[0]}'. {meant}", ctx)


def _loaded(name: str) -> Any:
    """Import a module; what it makes stays for good, so the garbage collector need not look through it again and again."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
