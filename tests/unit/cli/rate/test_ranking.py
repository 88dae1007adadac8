"""`passmuster rate ranking`: what it prints, what it writes, how it exits."""

import json
from pathlib import Path

import pytest

from passmuster.cli.main import status
from passmuster.records.digest import digest

FILE = """\
task: t
corpus: {path: cases.jsonl, use: all}
metrics: [exact_match]
candidates:
  - {name: large, provider: replay, path: large.jsonl}
  - {name: small, provider: replay, path: small.jsonl}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write a project of two candidates, and people's choices between them: `large` in three of four cases."""

    def save(name: str, rows: list[dict[str, object]]) -> None:
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")

    save("cases.jsonl", [{"id": f"c{n}", "input": f"Say {n}.", "reference": str(n)} for n in range(40)])
    save("large.jsonl", [{"id": f"c{n}", "output": f"- **{n}**" + "!" * (n % 7)} for n in range(40)])
    save("small.jsonl", [{"id": f"c{n}", "output": f"it is {n}" + "?" * (n % 5)} for n in range(40)])
    (tmp_path / "passmuster.yaml").write_text(FILE, encoding="utf-8")
    sides = [("large", "small") if n % 2 else ("small", "large") for n in range(40)]
    texts = {
        name: [json.loads(line)["output"] for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()]
        for name in ("large", "small")
    }
    save(
        "choices.jsonl",
        [
            {
                "case": f"c{n}",
                "first": digest([texts[first][n]]),
                "second": digest([texts[second][n]]),
                "first_by": first,
                "second_by": second,
                "metric": "better",
                "chosen": "first" if (first == "large") == (n % 8 not in {1, 4}) else "second",
                "rater": f"rater {n // 8}",
                "kind": "human",
            }
            for n, (first, second) in enumerate(sides)
        ],
    )
    return tmp_path


def test_the_table_is_printed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["rate", "ranking", "--project", str(project)]) == 0
    out, err = capsys.readouterr()
    assert "large is preferred to all others" in out
    assert "40 choices of people on 40 cases" in out
    assert "--style" in err


def test_json_is_one_object_with_labels_method_and_date(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["rate", "ranking", "--project", str(project), "--json", "--quiet"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert [row["candidate"] for row in found["candidates"]] == ["large", "small"]
    assert {"choices", "method", "date", "judge", "raters", "generated"} <= set(found)
    assert found["choices"] == 40


def test_style_is_read_from_the_stored_replies(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["run", "--project", str(project), "--quiet"]) == 0
    assert status(["rate", "ranking", "--project", str(project), "--json", "--style"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["styled"] == 40


def test_the_page_is_written(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "out.html"
    assert status(["rate", "ranking", "--project", str(project), "--html", str(page)]) == 0
    assert "<!doctype html>" in page.read_text(encoding="utf-8")
    assert f"Page: {page}" in capsys.readouterr().err


def test_without_choices_it_exits_with_3_and_says_what_to_do(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "choices.jsonl").unlink()
    assert status(["rate", "ranking", "--project", str(project)]) == 3
    assert "passmuster rate draw --pairs 50" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--metric", "kinder"], ["--judge", "nobody"]])
def test_a_name_that_there_is_not_exits_with_2(
    project: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["rate", "ranking", "--project", str(project), *option]) == 2
    assert option[1] in capsys.readouterr().err


def test_a_broken_line_is_named_with_its_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "choices.jsonl").open("a", encoding="utf-8") as lines:
        lines.write('{"case": "c1", "chosen": "neither"}\n')
    assert status(["rate", "ranking", "--project", str(project)]) == 2
    assert "choices.jsonl:41" in capsys.readouterr().err


def arenas(folder: Path) -> list[str]:
    """Write conversations with a winner's word, and lists of replies with one-hot winners."""

    def talk(*replies: str) -> list[dict[str, str]]:
        roles = ("user", "assistant")
        return [
            {"role": role, "content": text}
            for reply in replies
            for role, text in zip(roles, ("?", reply), strict=True)
        ]

    spoken = [
        {
            "question_id": f"c{n}",
            "model_a": "alpha",
            "model_b": "beta",
            "winner": "model_b" if n % 4 == 0 else "model_a",
            "judge": f"arena_user_{n % 5}",
            "conversation_a": talk("Hello", f"alpha says {n}"),
            "conversation_b": talk("Hey", f"beta says {n}"),
            "tstamp": 1_690_000_000 + n,
        }
        for n in range(20)
    ]
    hot = (
        "id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie\n"
        + "".join(
            f'c{n},beta,gamma,"[""?""]","[""beta {n}""]","[""gamma {n}""]",{int(n % 3 > 0)},{int(n % 3 == 0)},0\n'
            for n in range(20, 40)
        )
    )
    (folder / "spoken.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in spoken), encoding="utf-8")
    (folder / "hot.csv").write_text(hot, encoding="utf-8")
    return [str(folder / name) for name in ("spoken.jsonl", "hot.csv")]


def test_choices_of_an_arena_are_imported_as_they_were_published_and_ranked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "choices.jsonl").unlink()
    files = arenas(project)
    assert status(["rate", "import", *files, "--by", "ana", "--project", str(project)]) == 0
    assert "Next: passmuster rate ranking" in capsys.readouterr().err
    assert status(["rate", "ranking", "--project", str(project), "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    rows = {row["candidate"]: (row["wins"], row["ties"], row["losses"]) for row in found["candidates"]}
    assert rows == {"alpha": (15, 0, 5), "beta": (18, 0, 22), "gamma": (7, 0, 13)}
    assert found["raters"] == sorted(["ana", *(f"arena_user_{n}" for n in range(5))])
    stored = [
        json.loads(line) for line in (project / "choices.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert {row["first"] for row in stored} == {
        digest([text]) for n in range(20) for text in (f"alpha says {n}", f"beta {n + 20}")
    }
