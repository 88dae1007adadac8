"""Which models are kin: by their names, however a provider spells them.

A judge may favour what a model of its own family wrote (Panickssery et al. 2024, arXiv 2404.13076), so who judges whom
is looked at before anything is asked. A name tells the family, not the weights: a model under a name of one's own
(`prod-judge`) is of no known family.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from passmuster.records.candidate import Candidate

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "OpenAI GPT": r"gpt(?!-?(?:j|neo|x|4all))|chatgpt|o[1-9](?=-|$)|codex|davinci|computer-use-preview",
        "Anthropic Claude": r"claude",
        "Google Gemini": r"gemini|gemma|palm-?2|text-bison|chat-bison|learnlm|medgemma",
        "Meta Llama": r"llama|code-?llama|vicuna|alpaca",
        "Mistral": r"mistral|mixtral|ministral|magistral|codestral|devstral|pixtral|voxtral|zephyr",
        "Alibaba Qwen": r"qwen|qwq|qvq|tongyi",
        "DeepSeek": r"deepseek|r1-1776",
        "xAI Grok": r"grok",
        "Cohere Command": r"command-(?:r|a|light|nightly|text)|c4ai|aya(?=$|-)",
        "Microsoft Phi": r"phi-?[1-9]",
        "Amazon Nova": r"nova-(?:micro|lite|pro|premier|sonic|[0-9])|titan-(?:text|tg|embed)",
        "AI21 Jamba": r"jamba|jurassic|j2-(?:mid|ultra)",
        "Zhipu GLM": r"glm|chatglm|codegeex",
        "Moonshot Kimi": r"kimi|moonshot",
        "01.AI Yi": r"yi-(?:[0-9]|large|medium|lightning|vision|coder|spark)",
        "NVIDIA Nemotron": r"nemotron",
        "IBM Granite": r"granite",
        "MiniMax": r"minimax|abab",
        "Tencent Hunyuan": r"hunyuan",
        "Baidu ERNIE": r"ernie",
        "ByteDance Doubao": r"doubao|seed-(?:[0-9]|oss)",
        "InternLM": r"internlm|internvl",
        "Baichuan": r"baichuan",
        "Allen AI OLMo": r"olmo|molmo|tulu",
        "TII Falcon": r"falcon",
        "LG EXAONE": r"exaone",
        "Upstage Solar": r"solar-(?:mini|pro|[0-9])",
        "Databricks DBRX": r"dbrx|dolly",
        "Snowflake Arctic": r"snowflake-arctic|arctic-instruct",
        "Reka": r"reka",
        "Writer Palmyra": r"palmyra",
        "Perplexity Sonar": r"sonar(?=$|-)",
        "StepFun Step": r"step-[1-9]",
        "Stability StableLM": r"stablelm",
        "BigScience BLOOM": r"bloom|bloomz",
        "EleutherAI": r"gpt-?(?:j|neox?)|pythia",
    }
)
"""How the models of each family are called: RE of what a word of the name begins with."""

LONGEST_NAME = 300

_WORD = r"(?:^|[^a-z])(?:{})"
_COMPILED = {name: re.compile(_WORD.format(pattern)) for name, pattern in FAMILIES.items()}

_MAKER = re.compile(r"^(?:[a-z][a-z0-9-]*\.)+(?=[a-z])")
"""What Bedrock writes before a model: region and maker, `us.anthropic.`."""

_BEHIND = (
    re.compile(r":(?:free|nitro|floor|extended|online|beta|exacto|thinking|latest)$"),
    # Bedrock's revision, `-v2:0`, and Vertex's, `-v2@20241022`; without either `deepseek-v3` is a model.
    re.compile(r"(?:-v[0-9]{1,2})?(?:(?::[0-9]{1,3}k?)+|@(?=20[0-9]{6}$))(?:20[0-9]{6})?$"),
    re.compile(r"[-@](?:20[0-9]{2}-?[01][0-9]-?[0-3][0-9]|latest)$"),
)
"""What OpenRouter, Bedrock, Vertex and makers write behind a model: a route, a revision, a date."""


@lru_cache(maxsize=1024)
def families(model: str) -> frozenset[str]:
    """Return the families that a model's name says it is of; a distilled one is of its teacher's and of its own.

    Example:
        >>> sorted(families("us.anthropic.claude-3-5-sonnet-20241022-v2:0"))
        ['Anthropic Claude']
        >>> sorted(families("openrouter/deepseek/deepseek-r1-distill-llama-70b:free"))
        ['DeepSeek', 'Meta Llama']
        >>> families("prod-judge")
        frozenset()
    """
    # The folders of a path say who serves a model, not who made it: `openai/` stands before any that speaks its protocol.
    name = _own_name(model)
    return frozenset(family for family, pattern in _COMPILED.items() if pattern.search(name))


@lru_cache(maxsize=1024)
def plain_name(model: str) -> str:
    """Return a model's name without what providers write around it: makers, routes, dates and revisions.

    Example:
        >>> plain_name("us.anthropic.claude-3-5-sonnet-20241022-v2:0")
        'claude-3-5-sonnet'
        >>> plain_name("anthropic/claude-3.5-sonnet"), plain_name("ft:gpt-4o-mini-2024-07-18:acme::9x")
        ('claude-3-5-sonnet', 'gpt-4o-mini')
    """
    name = _MAKER.sub("", _own_name(model))
    for pattern in _BEHIND:
        name = pattern.sub("", name)
    return name.replace(".", "-").replace("_", "-")


def akin(scorers: Iterable[Candidate], candidates: Iterable[Candidate]) -> Mapping[str, str]:
    """Return the candidates that are of the same model or family as a judge, each with what they share.

    Example:
        >>> judge = Candidate(name="judge", provider="openai", model="gpt-4o")
        >>> small = Candidate(name="small", provider="openai", model="openai/gpt-4o-mini")
        >>> akin([judge], [small, judge])
        {'small': 'of the same family as judge (OpenAI GPT)', 'judge': 'the same model as judge (gpt-4o)'}
    """
    judges = [scorer for scorer in scorers if scorer.model]
    found: dict[str, str] = {}
    for candidate in candidates:
        if candidate.kind == "llm" and candidate.model:
            shared = _same_model(candidate, judges) or _same_family(candidate, judges)
            if shared is not None:
                found[candidate.name] = shared
    return found


def _same_model(candidate: Candidate, judges: Iterable[Candidate]) -> str | None:
    own = plain_name(candidate.model or "")
    for judge in judges:
        if plain_name(judge.model or "") == own:
            return f"the same model as {judge.name} ({own})"
    return None


def _same_family(candidate: Candidate, judges: Iterable[Candidate]) -> str | None:
    own = families(candidate.model or "")
    for judge in judges:
        shared = own & families(judge.model or "")
        if shared:
            return f"of the same family as {judge.name} ({', '.join(sorted(shared))})"
    return None


def _own_name(model: str) -> str:
    """Return the last part of a path, in lower case; of a fine-tuned model the name of what was tuned."""
    name = model[:LONGEST_NAME].strip().lower()
    if name.startswith("ft:"):
        name = name.split(":")[1]
    last = name.rstrip("/").rpartition("/")[2]
    # Vertex writes models/NAME@DATE, a folder of weights may end with a slash.
    return last or name
