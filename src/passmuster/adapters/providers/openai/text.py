"""A conversation as one text, for surfaces that take nothing else: completions and embeddings."""

from passmuster.records.case import Conversation, Message, Text
from passmuster.records.record import Json


def prompt_content(conversation: Conversation) -> dict[str, Json]:
    r"""Return the part of a completion's body that depends on the conversation: the text to go on with.

    A single message of the user is sent as it is, behind the system text and a blank line. Several turns
    stand as `role: text`, and the text ends with `assistant:`.

    Raises:
        ValueError: where the conversation holds an image, or tools: a completion takes text alone.

    Example:
        >>> turns = (Message(role="user", content="Hi"), Message(role="assistant", content="Yes?"))
        >>> prompt_content(Conversation(messages=turns, system="Be brief."))
        {'prompt': 'Be brief.\n\nuser: Hi\n\nassistant: Yes?\n\nassistant:'}
    """
    text = conversation_text(conversation)
    return {"prompt": text if _is_plain(conversation) else f"{text}\n\nassistant:"}


def input_content(conversation: Conversation) -> dict[str, Json]:
    """Return the part of a body for embeddings that depends on the conversation: its text.

    Raises:
        ValueError: where the conversation holds an image, or tools.

    Example:
        >>> input_content(Conversation(messages=(Message(role="user", content="Hi"),)))
        {'input': 'Hi'}
    """
    return {"input": conversation_text(conversation)}


def conversation_text(conversation: Conversation) -> str:
    """Return the whole conversation as text; a single message of the user stands without its role.

    Raises:
        ValueError: where the conversation holds an image, or tools.
    """
    if conversation.tools:
        message = "tools cannot be sent here: this surface takes text alone"
        raise ValueError(message)
    parts = [conversation.system] if conversation.system else []
    if _is_plain(conversation):
        parts += [_text(message) for message in conversation.messages]
    else:
        parts += [f"{message.role}: {_text(message)}" for message in conversation.messages]
    return "\n\n".join(parts)


def _is_plain(conversation: Conversation) -> bool:
    messages = conversation.messages
    return not messages or (len(messages) == 1 and messages[0].role == "user")


def _text(message: Message) -> str:
    content = message.content
    parts = [Text(text=content)] if isinstance(content, str) else content
    texts = [f"{call.name}({call.arguments})" for call in message.tool_calls]
    for part in reversed(parts):
        if not isinstance(part, Text):
            problem = "an image cannot be sent here: this surface takes text alone"
            raise ValueError(problem)  # noqa: TRY004 - the case holds it, the caller is right
        texts.insert(0, part.text)
    return "\n".join(text for text in texts if text)
