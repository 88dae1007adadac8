# ruff: noqa: RUF001 - letters that look alike in several scripts are what this is about
"""Languages and scripts are told, or not named."""

import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from passmuster.stats.language.detect import language_of, script_of
from passmuster.stats.language.words import FREQUENT, LETTERS, ONE_LANGUAGE, SCRIPTS, WRITTEN_IN

SENTENCES = {
    "ar": "لقد فقدت بطاقتي ماذا أفعل في هذا",
    "cs": "Ztratil jsem svou kartu",
    "da": "Jeg har mistet mit kort, hvad skal jeg gøre",
    "de": "Ich habe meine Karte verloren",
    "el": "Έχασα την κάρτα μου",
    "en": "I have lost my card",
    "es": "He perdido mi tarjeta",
    "fa": "من کارت خود را گم کرده ام",
    "fi": "Minun korttini on kadonnut",
    "fr": "J\u2019ai perdu ma carte bancaire hier",
    "he": "איבדתי את הכרטיס שלי",
    "hi": "मेरा कार्ड खो गया है",
    "hu": "Elvesztettem a kártyámat, mit tegyek",
    "id": "Saya kehilangan kartu saya",
    "it": "Ho perso la mia carta",
    "ja": "カードを失くしました",
    "ko": "카드를 잃어버렸어요",
    "nl": "Ik ben mijn kaart kwijt",
    "no": "Jeg har mistet kortet mitt, hva skal jeg gjøre",
    "pl": "Zgubiłem moją kartę",
    "pt": "Perdi o meu cartão ontem",
    "ro": "Mi-am pierdut cardul, ce pot să fac",
    "ru": "Я потерял свою карту",
    "sv": "Jag har tappat mitt kort",
    "th": "ฉันทำบัตรหาย",
    "tr": "Kartımı kaybettim, ne yapmalıyım",
    "uk": "Я загубив свою картку, що робити",
    "vi": "Tôi bị mất thẻ của tôi",
    "zh": "我的卡丢了",
}


@pytest.mark.parametrize(("language", "sentence"), SENTENCES.items())
def test_a_plain_sentence_is_told(language: str, sentence: str) -> None:
    assert language_of(sentence) == language


@pytest.mark.parametrize("text", ["", "42", "OK", "???", "😀😀", "xqzt 17-b", "\ud800", "a" * 10_000])
def test_where_nothing_can_be_said_nothing_is(text: str) -> None:
    assert language_of(text) == "und"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("card", "Latin"),
        ("привет", "Cyrillic"),
        ("カードを失くしました", "Japanese"),
        ("我的卡丢了", "Han"),
        ("hello привет", "mixed"),
        ("Ａｂｃ", "Latin"),
        ("12 ?!", "none"),
        ("\u2c80\u2c82", "other"),
    ],
)
def test_a_script_is_told_by_its_letters(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.data
@pytest.mark.parametrize(("name", "least"), [("intents_banking77", 0.97), ("intents_clinc150", 0.93)])
def test_short_english_questions_are_hardly_ever_called_anything_else(
    name: str, least: float, data_folder: Path
) -> None:
    with gzip.open(data_folder / name / "items.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = Counter(language_of(json.loads(line)["input"]) for line in lines)
    assert found["en"] / found.total() > least
    assert (found.total() - found["en"] - found["und"]) / found.total() < 0.01


def test_the_tables_fit_together() -> None:
    written = {name for names in WRITTEN_IN.values() for name in names}
    assert written <= FREQUENT.keys() >= LETTERS.keys()
    assert list(SCRIPTS) == sorted(SCRIPTS)
    assert all(end < start for (_, end, _), (start, _, _) in pairwise(SCRIPTS))
    assert ONE_LANGUAGE.keys() <= {script for _, _, script in SCRIPTS}
