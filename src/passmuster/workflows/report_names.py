"""The names of report files."""

import re

_UNSAFE = re.compile(r"[^\w.-]+")


def page_file(task: str) -> str:
    """Return the file name of a task's report as a page; anything but letters, digits and `._-` becomes `-`.

    Example:
        >>> page_file("triage: tickets")
        'triage-tickets.html'
    """
    return f"{_UNSAFE.sub('-', task)}.html"


def candidate_file(name: str) -> str:
    """Return the file name of a candidate's report; anything but letters, digits and `._-` becomes `-`.

    Example:
        >>> candidate_file("gpt-4o/terse prompt"), candidate_file("Qwen 通义")
        ('candidate_gpt-4o-terse-prompt.json', 'candidate_Qwen-通义.json')
    """
    return f"candidate_{_UNSAFE.sub('-', name)}.json"
