"""The command `passmuster`: a table of verbs, each loaded when it is used, and one place for errors and exit codes."""

import errno
import gc
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress

import click

from passmuster import __version__
from passmuster.cli.verbs import Verbs
from passmuster.errors import EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_USAGE, PassmusterError

EXIT_BUG = 70
"""What an error of passmuster itself exits with (EX_SOFTWARE), so that no gate takes it for a verdict."""

_COLLECT_AFTER = 50_000
"""Objects made and not let go of, from which the garbage collector looks through them.

Of a run's objects hardly any are garbage to it: they are counted out, or kept, and it would look through them in vain.
"""

EXIT_UNREAD = 141
"""What a verb exits with whose reader has gone, as if by SIGPIPE: no gate may take it for a verdict either."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What writing to a disk raises that is full, or broken."""

VERBS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo", "An example with simulated models, from cases to a decision."),
    "init": ("init", "Write a small project that runs as it stands."),
    "corpus": ("corpus.verbs", "Cases from production traffic: import, sample, seal, keep fresh."),
    "check": ("check", "Make one call per candidate: key, model, price, streaming."),
    "plan": ("plan", "Before money is spent: cost, what the cases can show, the chance of a decision."),
    "run": ("run", "Ask what is missing; goes on where it stopped."),
    "score": ("score", "Apply new or changed metrics to stored trials. Calls no candidate."),
    "judge": ("judge.verbs", "Judges, measured like instruments: calibrate, drift, compare."),
    "rate": ("rate.verbs", "People's ratings of replies: a form, sheets, agreement, ranking."),
    "compare": ("compare", "The matrix, the verdicts and the decision. Calls no model."),
    "decide": ("decide", "The decision in sentences, and its record. Calls no model."),
    "baseline": ("baseline", "Freeze a candidate's results as what changes are held against."),
    "gate": ("gate", "A change held against what is in production; for CI."),
    "escalate": ("escalate", "Which replies can go out unseen. Calls no model."),
    "route": ("route", "Who is best asked for which cases, cheap ones first. Calls no model."),
    "screen": ("screen", "Leaderboards as a filter, and held against your own scores. Calls no model."),
    "ready": ("ready", "The production readiness checklist, with evidence. Calls no model."),
    "selfcheck": ("selfcheck", "Simulate every statistical promise, and the tests on your own trials."),
    "show": ("show", "A run, a case, or the cases where candidates differ."),
    "runs": ("runs", "All runs, newest first."),
    "cache": ("cache", "Forget cached replies of earlier runs."),
    "export": ("export", "Trials and scores as CSV, JSONL or Parquet."),
    "simulate": ("simulate", "Serve recorded or made-up models as an OpenAI or Anthropic endpoint."),
    "schema": ("schema", "The JSON Schema of passmuster.yaml, for editors."),
}
"""Verb -> module in this package, and its line in the help."""

_HELP = """Choose, gate and keep watching LLMs on your own production task.

\b
Start here:  passmuster demo
             passmuster init my-project
             cd my-project && passmuster run && passmuster compare
Afterwards:  passmuster baseline, then passmuster gate at every change

\b
Exit codes:  0 decided or done   1 none passes, blocked   2 usage or configuration
             3 undecided         4 incomplete             130 interrupted
"""


@click.command(
    cls=Verbs,
    name="passmuster",
    help=_HELP,
    table=VERBS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="passmuster")
def group() -> None:
    """Hold the verbs."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
    code = status(arguments)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if stream is not None:  # it was closed before we began
                stream.flush()
    # All files are closed by now; to take a thousand modules apart one by one would only keep the user waiting.
    os._exit(code)


def status(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; every error is told on stderr here."""
    try:
        return _told(arguments)
    except BrokenPipeError:
        # A second error at interpreter exit would only add noise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNREAD
    except OSError as error:
        with suppress(OSError):  # that may be what cannot be written
            _say(f"Error: the output cannot be written: {error.strerror}")
            _say("  Make room, or write it elsewhere, and give the same command again.")
        return EXIT_INCOMPLETE


def _told(arguments: Sequence[str] | None) -> int:
    """Run the command line and tell its errors; raises an OSError only where output cannot be written."""
    try:
        result = group.main(args=arguments, prog_name="passmuster", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except PassmusterError as error:
        _say(f"Error: {error}")
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _say("Interrupted. Nothing that was finished is lost; give the same command again to go on.")
        return EXIT_INTERRUPTED
    except SystemExit as error:
        # So click ends where whoever read our output has gone, with the code that means "none passes" here.
        if error.code == 1:
            return EXIT_UNREAD
        raise
    except Exception as error:  # the last resort: a short text instead of a traceback
        if isinstance(error, BrokenPipeError) or _unwritten(error):
            raise
        return _bug(error)
    return result if isinstance(result, int) else 0


def _unwritten(error: Exception) -> bool:
    """Return whether a stream that is open could take no more; an error of a file would name it."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None


def _bug(error: Exception) -> int:
    if os.environ.get("PASSMUSTER_DEBUG"):
        traceback.print_exc()
    name = type(error).__name__
    _say(f"This is a bug in passmuster {__version__}: {name}: {str(error)[:300]}")
    if not os.environ.get("PASSMUSTER_DEBUG"):
        _say("  Set PASSMUSTER_DEBUG=1 and run it again for the traceback; please report it with that.")
    return EXIT_BUG


def _say(text: str) -> None:
    shown = "".join(
        character if character == "\n" or character.isprintable() else "\ufffd" for character in text
    )
    click.echo(shown, err=True)
