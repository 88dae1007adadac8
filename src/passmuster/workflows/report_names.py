"""The names of report files."""

import re

_UNSAFE = re.compile(r"[^\w.-]+")
_MOST_BYTES = 200
"""Most file systems take 255 in a name; what is put before and after it takes some."""


def file_stem(text: str) -> str:
    """Return a text as a part of a file name: anything but letters, digits and `._-` becomes `-`, and the end may go.

    Example:
        >>> file_stem("triage: tickets"), len(file_stem("é" * 200))
        ('triage-tickets', 100)
    """
    return _UNSAFE.sub("-", text).encode()[:_MOST_BYTES].decode(errors="ignore")


def page_file(task: str) -> str:
    """Return the file name of a task's report as a page; anything but letters, digits and `._-` becomes `-`.

    Example:
        >>> page_file("triage: tickets")
        'triage-tickets.html'
    """
    return f"{file_stem(task)}.html"


def gate_page_file(task: str) -> str:
    """Return the file name of the page of a task's gate.

    Example:
        >>> gate_page_file("triage: tickets")
        'triage-tickets-gate.html'
    """
    return f"{file_stem(task)}-gate.html"


def candidate_file(name: str) -> str:
    """Return the file name of a candidate's report; anything but letters, digits and `._-` becomes `-`.

    Example:
        >>> candidate_file("gpt-4o/terse prompt"), candidate_file("Qwen 通义")
        ('candidate_gpt-4o-terse-prompt.json', 'candidate_Qwen-通义.json')
    """
    return f"candidate_{_UNSAFE.sub('-', name)}.json"
