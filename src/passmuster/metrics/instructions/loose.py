"""The loose reading of a reply: without what models like to put around it."""


def loose_variants(text: str) -> tuple[str, ...]:
    r"""Return a reply in the forms that the loose reading allows, the reply itself first, each once.

    These are the reply without its first line, without its last, without both, and each of the four without the
    asterisks of Markdown: as in IFEval (Zhou and others 2023, "Instruction-Following Evaluation for Large
    Language Models", section 3).

    Example:
        >>> loose_variants("Sure:\n*yes*")
        ('Sure:\n*yes*', '*yes*', 'Sure:', 'Sure:\nyes', 'yes')
    """
    lines = text.split("\n")
    cut = ("\n".join(lines[1:]).strip(), "\n".join(lines[:-1]).strip(), "\n".join(lines[1:-1]).strip())
    forms = (text, *cut)
    plain = tuple(form.replace("*", "") for form in forms)
    return tuple(form for form in dict.fromkeys((*forms, *plain)) if form.strip())
