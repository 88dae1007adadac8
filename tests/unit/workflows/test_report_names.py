import pytest

from passmuster.workflows.report_names import candidate_file


def test_a_candidate_cannot_write_outside_the_folder() -> None:
    assert candidate_file("../../etc/passwd") == "candidate_..-..-etc-passwd.json"


@pytest.mark.parametrize("name", ["通义", "Ärger", "модель", "a_b-c.1"])
def test_letters_of_all_scripts_stay(name: str) -> None:
    assert candidate_file(name) == f"candidate_{name}.json"


@pytest.mark.parametrize("unsafe", ["/", "\\", ":", "\0", "\n", "\u202e", "*", "?", '"', "<", "|"])
def test_what_a_file_system_or_a_reader_stumbles_over_does_not(unsafe: str) -> None:
    assert candidate_file(f"a{unsafe}b") == "candidate_a-b.json"
