"""What columns are usually called, and rows without nesting."""

import re
from collections.abc import Mapping, Sequence

from passmuster.records.record import Json

DEEPEST = 4
"""Levels of objects whose fields are columns of their own, such as `request.body.text`."""

FIELDS: Mapping[str, str] = {
    "id": "what names a call",
    "input": "what was asked; several columns become named fields",
    "output": "what was answered",
    "time": "when",
    "model": "which model answered",
    "input_tokens": "tokens read",
    "output_tokens": "tokens written",
    "cost": "US dollars",
    "seconds": "how long the call took",
    "first_token": "how long until the first token",
    "error": "what went wrong",
    "user": "who asked",
    "session": "the conversation it belongs to",
    "tags": "words that mark it",
    "reference": "the right answer, where it is known",
    "feedback": "thumbs, a score or a word",
    "edited": "what users made of the answer, or that they changed it",
    "retried": "that they asked again",
    "escalated": "that they went to a person",
    "complained": "that they complained",
}
"""What a column may be, and what it says."""

_USUAL = {
    "id": "id request_id call_id trace_id log_id record_id event_id message_id interaction_id item_id example_id uuid guid key",
    "input": "input messages prompt question query user_query user_input user_message user_prompt input_text prompt_text "
    "input_prompt customer_message customer_query request request_text request_body instruction utterance narrative "
    "complaint_what_happened consumer_complaint_narrative complaint_text ticket_text message user_text text sentence content "
    "body description",
    "output": "output response answer completion reply chatgpt_response model_output model_response assistant_response "
    "bot_response generated_text generation output_text response_text ai_response assistant bot_reply prediction predicted",
    "time": "time timestamp ts created_at createdat created date datetime start_time started_at request_time requested_at "
    "event_time logged_at log_time occurred_at received_at",
    "model": "model model_name model_id engine llm deployment",
    "input_tokens": "input_tokens prompt_tokens tokens_in context_tokens number_input_tokens input_token_count",
    "output_tokens": "output_tokens completion_tokens tokens_out generated_tokens number_output_tokens output_token_count",
    "cost": "cost cost_usd total_cost price_usd spend usd response_cost",
    "seconds": "seconds latency latency_s latency_ms latency_seconds duration duration_s duration_ms duration_seconds "
    "response_time response_time_ms elapsed elapsed_ms elapsed_s took_ms total_time end_to_end_latency_s processing_time",
    "first_token": "first_token time_to_first_token ttft ttft_ms ttft_s first_token_ms first_token_latency",
    "error": "error error_message error_msg exception failure_reason",
    "user": "user user_id userid username end_user customer customer_id client_id account_id member_id visitor_id",
    "session": "session session_id sessionid conversation_id conversation thread_id thread chat_id dialogue_id ticket_id",
    "tags": "tags labels keywords",
    "reference": "reference gold golden gold_label label expected expected_output expected_answer ground_truth groundtruth "
    "target correct_answer ideal true_label",
    "feedback": "feedback user_feedback thumbs thumb thumbs_up thumbs_up_down liked like helpful was_helpful vote rating "
    "user_rating stars csat satisfaction feedback_score user_score score",
    "edited": "edited edited_output edited_response edited_answer corrected_output corrected_answer correction user_edit "
    "final_text final_answer was_edited is_edited",
    "retried": "retried is_retry retry retries retry_count regenerated regenerations was_regenerated regenerate_count",
    "escalated": "escalated escalation is_escalated escalated_to_human handoff handed_off human_handoff handover transferred",
    "complained": "complained complaint is_complaint complaint_flag reported flagged_by_user user_reported",
}
USUAL: Mapping[str, Sequence[str]] = {field: names.split() for field, names in _USUAL.items()}
"""Field -> names that columns of it usually have, likely ones first."""

_BY_NAME = {name: field for field, names in USUAL.items() for name in names}
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN = re.compile(r"[^a-z0-9]+")


def plain_name(column: str) -> str:
    """Return the name of a column without capitals and signs.

    Example:
        >>> plain_name("createdAt"), plain_name("User ID"), plain_name("@timestamp")
        ('created_at', 'user_id', 'timestamp')
    """
    return _BETWEEN.sub("_", _HUMPS.sub("_", column).lower()).strip("_")


def field_called(column: str) -> str | None:
    """Return the field that a column with this name usually is.

    Example:
        >>> field_called("userRating"), field_called("meta.thumbs"), field_called("shoe_size")
        ('feedback', 'feedback', None)
    """
    return _BY_NAME.get(plain_name(column)) or _BY_NAME.get(plain_name(column.rpartition(".")[2]))


def flat(value: Mapping[str, Json]) -> dict[str, Json]:
    """Return a row with the fields of its objects as columns of their own, beside the objects themselves.

    Example:
        >>> flat({"id": 1, "user": {"name": "ann"}})
        {'id': 1, 'user': {'name': 'ann'}, 'user.name': 'ann'}
    """
    if not any(type(item) is dict for item in value.values()):
        return dict(value)
    found: dict[str, Json] = {}
    _flatten(value, "", found, DEEPEST)
    return found


def _flatten(value: Mapping[str, Json], before: str, found: dict[str, Json], levels: int) -> None:
    for name, item in value.items():
        found.setdefault(before + name, item)
        if isinstance(item, dict) and levels > 1:
            _flatten(item, f"{before}{name}.", found, levels - 1)
