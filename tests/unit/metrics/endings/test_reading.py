"""Endings are read from what replies say."""

import pytest

from passmuster.metrics.endings.reading import read_text

SAID = {
    "refusal": [
        "I'm sorry, but I can't help with that.",
        "I cannot provide instructions for picking locks. It is illegal and unethical.",
        "As an AI language model, I do not have access to your account.",
        "Es tut mir leid, aber ich kann dabei nicht helfen.",
        "Je suis désolé, mais je ne peux pas vous aider avec cette demande.",
        "Lo siento, no puedo ayudarte con eso.",
        "Mi dispiace, non posso aiutarti con questa richiesta.",
        "Desculpe, não posso ajudar com isso.",
        "Het spijt me, ik kan u daar niet mee helpen.",
    ],
    "clarification": [
        "Could you please tell me which of the two invoices you mean?",
        "I don't have the article. Please provide its text.",
        "Your message seems to be incomplete: the input is cut off.",
        "Welche der beiden Rechnungen meinen Sie? Bitte geben Sie die Nummer an.",
        "Pourriez-vous préciser de quelle facture il s'agit ?",
    ],
    "escalation": [
        "I'll transfer you to one of our human agents.",
        "This request has been escalated to a supervisor.",
        "This case needs manual review.",
        "Ich leite Ihre Anfrage an einen Mitarbeiter weiter.",
        "Voy a transferirte con un agente humano.",
    ],
    "gave_up": [
        "I don't know.",
        "Unknown",
        "I could not find the clause.",
        "I cannot find that in the document.",
        "The contract does not specify a date.",
        "Ich weiß es leider nicht.",
        "Je ne sais pas.",
    ],
    "apology": [
        "I'm sorry, something went wrong. There was an error.",
        "Entschuldigung, da ist ein Fehler passiert.",
    ],
    "hedged": [
        "I'm not sure, but it should be Paris.",
        "I don't have real-time data. However, a licence usually costs between 20 and 40 euros a month there.",
        "The answer is 12, but please verify this.",
        "Ich bin mir nicht sicher, aber es war wohl 1989.",
    ],
    "truncated": [
        "The three main reasons for the delay of the delivery are the weather, the strike of the drivers and the",
        'Here is the object that was asked for:\n```json\n{"party": "Acme',
    ],
    "empty": ["", " \n\t"],
    "answer": [
        "Paris.",
        "B",
        "refund_not_showing_up",
        "As an AI I don't have personal opinions, but the law of 1998 says that the tenant pays for small repairs.",
        "You cannot return it after 30 days.",
        '"I\'m sorry," she said, "I can\'t help you," and closed the door.',
        "Dear customer, we are sorry about the delay. Your parcel is on its way.",
        "No one knows why the crew left the ship.",
        "Die Lieferung kommt am Montag, nicht am Dienstag.",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts])
def test_a_text_ends_as_it_says(kind: str, text: str) -> None:
    assert read_text(text).kind == kind


def test_a_word_of_refusal_far_inside_an_answer_is_no_refusal() -> None:
    text = "The manual has four parts. " * 30 + "A guest may say: I can't help with that."
    assert read_text(text).kind == "answer"


def test_a_curly_apostrophe_and_marks_of_emphasis_change_nothing() -> None:
    assert read_text("I **can\u2019t** help with that.").kind == "refusal"


def test_what_is_known_to_be_whole_is_not_taken_for_cut() -> None:
    text = "The three main reasons for the delay of the delivery are the weather, the strike of the drivers and the"
    assert read_text(text, whole=True).kind == "answer"


def test_a_partial_refusal_is_hedged_and_known_to_decline() -> None:
    ending = read_text(
        "I cannot draw a picture. However, here is how the logo could look: a round sun over a field, with the name below."
    )
    assert (ending.kind, ending.declines) == ("hedged", True)


@pytest.mark.parametrize(
    "text",
    [
        "I  cannot   help with that.",
        "I\u00a0cannot\u202fhelp with that.",
        "I'm sorry, but I\ncannot help with that.",
        "I am sorry, but I cannot\nhelp with that.",
        "\n" * 3000 + "I cannot help with that." + " " * 3000,
    ],
)
def test_blanks_and_the_ends_of_lines_do_not_matter(text: str) -> None:
    assert read_text(text).kind == "refusal"


def test_white_space_at_the_end_does_not_make_a_question_long() -> None:
    assert read_text("Could you specify the date?" + " " * 500).kind == "clarification"
