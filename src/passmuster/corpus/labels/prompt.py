"""How a model is asked for a label, and how its answer is read."""

import json
import re
from collections.abc import Mapping, Sequence

from passmuster.corpus.labels.standing import label_key
from passmuster.records.candidate import Prompt
from passmuster.records.record import Json

PROMPT_NAME = "label"
_INPUT = """\
{% if fields is defined %}
{% for name, value in fields.items() %}
{{ name }}: {{ value }}
{% endfor %}
{% elif input is defined %}
{{ input }}
{% else %}
(the conversation above)
{% endif %}
"""
_CHOOSE = """\
Which of the labels below fits the text best? Answer with that label alone, exactly as it is written here. If none can
be told from the text, answer: {{ unsure }}

Labels:
{% for label in labels %}
- {{ label }}
{% endfor %}

Text:
"""
UNSURE = "unsure"
"""What a model answers that cannot tell."""

_PLAIN = re.compile(r"[\w \-/.,:;()&+']*")


def label_prompt(labels: Sequence[str]) -> Prompt:
    """Return the prompt that asks for one of these labels; labels are data in it, whatever they look like.

    Example:
        >>> "- refund" in (label_prompt(["refund", "other"]).user or "")
        True
    """
    head = _CHOOSE.replace("{{ unsure }}", UNSURE)
    start, _, rest = head.partition("{% for label in labels %}\n")
    line, _, end = rest.partition("{% endfor %}\n")
    listed = "".join(line.replace("{{ label }}", _literal(label)) for label in labels)
    return Prompt(name=PROMPT_NAME, user=start + listed + end + _INPUT)


def _literal(text: str) -> str:
    """Return a text as a template says it, word for word."""
    if _PLAIN.fullmatch(text):
        return text
    return "{{ " + json.dumps(text, ensure_ascii=False) + " }}"


def read_label(text: str, labels: Sequence[str]) -> Json:
    """Return the label that an answer names, None where it names none, or more than one.

    Upper case, blanks, quotes and a full stop around it do not count. Without labels the answer is JSON where it
    is an object or a list, else the text itself.

    Example:
        >>> read_label('"Refund".', ["refund", "other"]), read_label("I cannot say", ["refund", "other"])
        ('refund', None)
    """
    if not labels:
        return _open(text.strip())
    forms = _forms(text)
    if label_key(forms[-1], fold=True) == UNSURE and UNSURE not in labels:
        return None
    alike = next((same for form in forms if (same := _same(form, labels))), [])
    if len(alike) == 1:
        return alike[0]
    last = text.strip().splitlines()[-1] if text.strip() else ""
    if not alike and last != text.strip():
        # A model that thinks aloud says the answer last.
        return read_label(last.rpartition(":")[2] or last, labels)
    return None


def _same(form: str, labels: Sequence[str]) -> list[str]:
    exact = [label for label in labels if label == form]
    return exact or [label for label in labels if label_key(label, fold=True) == label_key(form, fold=True)]


def _forms(text: str) -> tuple[str, str, str]:
    """Return an answer as it stands, without quotes and full stops, and without a bullet: a sign may be the label's."""
    quoted = text.strip("`\"'*_. \t\r\n")
    return text.strip(), quoted, quoted.lstrip("-").strip("`\"'*_. \t\r\n")


def _open(text: str) -> Json:
    fenced = re.fullmatch(r"```[a-z]*\n(.*?)\n?```", text, flags=re.DOTALL)
    body = fenced[1] if fenced else text
    if body[:1] in {"{", "["}:
        try:
            found: Json = json.loads(body)
        except (ValueError, RecursionError):
            return text or None
        return found if isinstance(found, Mapping | list) else text
    return body or None
