"""Files and folders of other tools go into a corpus by the installed command, as their tools write them."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.ingest.formats.samples import (
    ARGILLA_RECORD,
    INSPECT_SAMPLE,
    LABEL_STUDIO_TASK,
    LITELLM_PAYLOAD,
    OBSERVATION,
    OPENINFERENCE,
    SCORE,
    SPEND_LOG,
    TODAY,
    request,
    span,
)

from passmuster.adapters.ingest.cases import read_cases
from passmuster.adapters.ingest.traffic import read_traffic_file
from passmuster.records.case import Case, Conversation
from passmuster.records.traffic import TrafficRecord

COMMAND = Path(sys.executable).parent / "passmuster"


def taken(folder: Path, source: str) -> dict[str, Any]:
    """Import a source, and return what the command said of it."""
    done = subprocess.run(
        [COMMAND, "corpus", "import", source, "--datasets", "data", "--json"],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def traffic(folder: Path, source: str) -> list[TrafficRecord]:
    return list(read_traffic_file(folder / taken(folder, source)["path"]))


def cases(folder: Path, source: str) -> list[Case]:
    return list(read_cases(folder / taken(folder, source)["path"]))


def write_lines(path: Path, *rows: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_spans_of_a_collector_one_request_a_line(tmp_path: Path) -> None:
    other = request(span(OPENINFERENCE, "a1" * 8))
    # A line of logs is a bad row, of which one in a hundred may be: so there are many good ones.
    more = [
        request(span({**OPENINFERENCE, "session.id": str(number)}, f"{number:016x}"))
        for number in range(1, 300)
    ]
    write_lines(tmp_path / "traces.json", request(span(TODAY)), {"resourceLogs": []}, other, *more)

    found = traffic(tmp_path, "traces.json")

    assert len(found) == 301
    assert found[0].session == "s1"
    assert {each.feedback for each in found[1:]} == {"down"}


def test_a_csv_dump_of_the_proxys_table(tmp_path: Path) -> None:
    with (tmp_path / "spend.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, SPEND_LOG.keys())
        writer.writeheader()
        writer.writerow(SPEND_LOG)

    [found] = traffic(tmp_path, "spend.csv")

    assert isinstance(found.input, Conversation)
    assert (found.output, found.tags, found.cost) == ("Hello.", ("web",), 0.002)


def test_logs_in_one_json_list(tmp_path: Path) -> None:
    payloads = [{**LITELLM_PAYLOAD, "id": f"call-{number}"} for number in range(50)]
    (tmp_path / "calls.json").write_text(json.dumps(payloads, indent=1), encoding="utf-8")

    assert len(traffic(tmp_path, "calls.json")) == 50


def test_a_folder_that_langfuse_exported(tmp_path: Path) -> None:
    other = {**OBSERVATION, "id": "obs-2", "user_id": "bob", "session_id": "s2"}
    write_lines(tmp_path / "export" / "observations_v2" / "1.jsonl", OBSERVATION, other)
    write_lines(tmp_path / "export" / "scores" / "1.jsonl", {**SCORE, "observation_id": "obs-2", "value": 0})

    found = traffic(tmp_path, "export")

    assert [(each.id, each.feedback) for each in found] == [("obs-1", None), ("obs-2", "down")]


def test_a_configuration_of_promptfoo_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "promptfooconfig.yaml").write_text(
        "prompts: ['Where is {{town}}?']\nproviders: [openai:m]\ntests:\n  - file://towns.csv\n"
        "  - vars: {town: Bonn}\n    assert: [{type: is-refusal}]\n"
    )
    (tmp_path / "towns.csv").write_text("town,__expected\nUlm,equals: Germany\n")

    found = cases(tmp_path, "promptfooconfig.yaml")

    assert [(each.input, each.reference, each.expect) for each in found] == [
        ({"town": "Ulm"}, "Germany", None),
        ({"town": "Bonn"}, None, "refusal"),
    ]


def test_a_log_of_inspect(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "run.eval", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("header.json", "{}")
        for epoch in (1, 2):
            sample = {**INSPECT_SAMPLE, "epoch": epoch}
            made.writestr(f"samples/7_epoch_{epoch}.json", json.dumps(sample))
    said = taken(tmp_path, "run.eval")

    assert [each.id for each in read_cases(tmp_path / said["path"])] == ["7"]
    assert any("further epochs" in each for each in said["left"])


@pytest.mark.parametrize("value", [LABEL_STUDIO_TASK, ARGILLA_RECORD], ids=["label-studio", "argilla"])
def test_an_export_of_a_labelling_tool(value: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(json.dumps([value]), encoding="utf-8")

    [found] = cases(tmp_path, "export.json")

    assert (found.id, found.reference, found.origin) == ("17", "delivery", "expert")
