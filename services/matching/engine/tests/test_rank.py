"""Ranking, in memory and by the command."""

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from services.matching.engine import DEFAULT, Profile, Query, rank
from services.matching.rank import rank_command

PROFILES = [
    Profile("c", "", (("t1", "Brunnenbau"), ("t2", "Grundwassersensoren mit Funk"))),
    Profile("b", "", ()),
    Profile("a", "", (("t1", "bakery ovens"),)),
]
QUERIES = [Query("q1", "Sensoren für Grundwasser"), Query("q2", "an oven"), Query("q3", "")]


def test_everybody_is_ranked_with_evidence_and_ties_by_id() -> None:
    first, second, third = rank(PROFILES, QUERIES, 10)
    assert [(each.id, each.evidence) for each in first.ranked] == [("c", "t2"), ("a", "t1"), ("b", None)]
    assert [each.id for each in second.ranked] == ["a", "c", "b"]
    assert all(each.score < DEFAULT.minimum for each in (*second.ranked[1:], *third.ranked))
    assert first.ranked[0].score > 0.3 > first.ranked[1].score


def test_a_query_is_answered_alone_as_among_others() -> None:
    together = list(rank(PROFILES, QUERIES, 2))
    assert together == [next(rank(PROFILES, [query], 2)) for query in QUERIES]
    assert together == list(rank(PROFILES[::-1], QUERIES, 2))
    assert [len(ranking.ranked) for ranking in together] == [2, 2, 2]


def run(folder: Path, profiles: str, queries: str = '{"id": "q", "text": "oven"}') -> Result:
    app = Typer()
    app.command()(rank_command)
    (folder / "p.jsonl").write_text(profiles, encoding="utf-8")
    (folder / "q.jsonl").write_text(queries, encoding="utf-8")
    files = ["--profiles", str(folder / "p.jsonl"), "--queries", str(folder / "q.jsonl")]
    return CliRunner().invoke(app, [*files, "--top", "1"])


def test_the_command_writes_a_line_for_each_query(tmp_path: Path) -> None:
    profile = {"id": "a", "name": "A", "texts": [{"id": "t", "text": "bakery ovens"}]}
    result = run(tmp_path, json.dumps(profile) + "\n\n", '{"id": "q", "text": "oven"}\n{"id": "r", "text": "öfen"}\n')
    assert result.exit_code == 0
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["query"], second["query"]) == ("q", "r")
    assert first["ranked"][0].keys() == {"id", "score", "evidence"}
    assert first["ranked"][0]["evidence"] == "t"


@pytest.mark.parametrize(
    ("profiles", "message"),
    [
        ('{"id": "a", "texts": []}\n{"id": ', "p.jsonl, line 2, column 8: not JSON"),
        ('{"id": "a"}', 'p.jsonl, line 1, field "texts": missing'),
        ('{"texts": []}', 'p.jsonl, line 1, field "id": missing'),
        ('{"id": "a", "texts": [{"id": "t"}]}', 'p.jsonl, line 1, field "texts[0].text": missing'),
        ('{"id": 7, "texts": []}', 'p.jsonl, line 1, field "id": a text is expected'),
        ('{"id": "a", "texts": "x"}', 'p.jsonl, line 1, field "texts": a list is expected'),
        ('{"id": "a", "texts": ["x"]}', 'p.jsonl, line 1, field "texts[0]": an object is expected'),
        ("[]", "p.jsonl, line 1: an object is expected"),
        ('{"id": "a", "texts": []}\n\n{"id": "a", "texts": []}', "p.jsonl, line 3, field \"id\": 'a' is there twice"),
        ("\n", "p.jsonl: the file is empty"),
        ("", "p.jsonl: the file is empty"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, profiles: str, message: str) -> None:
    result = run(tmp_path, profiles)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_bad_queries_are_named_too(tmp_path: Path) -> None:
    result = run(tmp_path, '{"id": "a", "texts": []}', '{"id": "q"}')
    assert (result.exit_code, result.stderr) == (2, 'q.jsonl, line 1, field "text": missing\n')
