"""What every page is made with: the templates, the style, and a policy that lets nothing else in."""

import base64
import hashlib
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from passmuster.report.escape import visible


def policy(css: str, script: str) -> str:
    """Return the Content-Security-Policy that allows exactly this style and this script."""
    return (
        f"default-src 'none'; style-src '{_digest(css)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def page_environment() -> Environment:
    """Return the environment of the templates: all that enters one is escaped, and no name may be missing."""
    return Environment(
        loader=FunctionLoader(page_resource),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _harmless(value: object) -> object:
    """Show control characters in every text that enters a template, wherever it was forgotten before."""
    return visible(value, block=True) if isinstance(value, str) and not isinstance(value, Markup) else value


def page_resource(file: str) -> str:
    """Return the text of a template, a style or a script of ours."""
    path = resources.files("passmuster.report").joinpath("templates", file)
    return path.read_text(encoding="utf-8")
