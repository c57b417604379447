"""The command line as data: fixtures/cli/*.toml. One table [case.NAME] is one call, in a folder of its own.

Keys: args, stdin, files (name = text; a name that ends in / is a folder), status, stdout, stderr (exact), stdout-has, stderr-has
(pieces that must be there), after (name = text that must be there afterwards; false: must not).
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from newsclean import cli

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = {
    f"{path.stem}/{name}": case
    for path in sorted((FIXTURES / "cli").glob("*.toml"))
    for name, case in tomllib.loads(path.read_text("utf-8"))["case"].items()
}
ARTICLE = "The council met on Monday and talked for three hours about money.\n\nAdvertisement\n\nIt will meet again on Friday.\n"


class Ran:
    """What a call left: its exit status and what it wrote."""

    def __init__(self, status: int, out: bytes, err: bytes) -> None:
        self.status, self.out, self.err = status, out.decode(errors="surrogateescape"), err.decode()


def run(args: list[str], capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, stdin: bytes = b"") -> Ran:
    monkeypatch.setattr(sys, "argv", ["newsclean", *args])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    monkeypatch.setenv("COLUMNS", "100")
    try:
        cli.main()
        status = 0
    except SystemExit as stop:
        status = int(stop.code or 0)
    sys.stdout.flush()
    out, err = capfdbinary.readouterr()
    return Ran(status, out, err)


def _bytes(text: str) -> bytes:
    """What a case writes: a text, bytes as "hex 00ff", or a fixture as "@html/harbour.html"."""
    if text.startswith("@"):
        return (FIXTURES / text[1:]).read_bytes()
    return bytes.fromhex(text[4:]) if text.startswith("hex ") else text.encode()


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    case: dict[str, Any] = CASES[name]
    for file, text in case.get("files", {}).items():
        path = tmp_path / file
        (path if file.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not file.endswith("/"):
            path.write_bytes(_bytes(text))
    monkeypatch.chdir(tmp_path)
    ran = run(case["args"], capfdbinary, monkeypatch, _bytes(case.get("stdin", "")))
    assert ran.status == case.get("status", 0), ran.err
    for stream, got in (("stdout", ran.out), ("stderr", ran.err)):
        if f"{stream}-has" in case:
            for piece in case[f"{stream}-has"]:
                assert piece in got
        else:
            assert got == case.get(stream, "")
    for file, text in case.get("after", {}).items():
        if text is False:
            assert not (tmp_path / file).exists()
        else:
            assert (tmp_path / file).read_bytes().decode() == text
    assert not list(tmp_path.rglob("*.tmp"))


def test_report_is_as_its_schema_says(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    schema = json.loads((Path(cli.__file__).parent / "report.schema.json").read_text("utf-8"))
    for article in sorted((FIXTURES / "articles").glob("*/input.txt")):
        ran = run(["clean", str(article), "--report", "-"], capfdbinary, monkeypatch)
        jsonschema.validate(json.loads(ran.out), schema)


@pytest.mark.parametrize("article", sorted((FIXTURES / "articles").glob("*/input.txt")), ids=lambda path: path.parent.name)
def test_patch_and_restore_give_the_file_back(
    article: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = article.read_bytes()
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(original)
    monkeypatch.chdir(tmp_path)
    assert run(["clean", "a.txt", "--in-place", "--report", "a.json"], capfdbinary, monkeypatch).status == 0
    assert (
        run(["clean", "b.txt", "--in-place", "--report", "b.diff", "--report-format", "diff"], capfdbinary, monkeypatch).status
        == 0
    )
    assert run(["restore", "a.txt", "a.json", "--output", "a.txt"], capfdbinary, monkeypatch).status == 0
    assert (tmp_path / "a.txt").read_bytes() == original
    if (tmp_path / "b.diff").stat().st_size:
        subprocess.run(["patch", "-R", "--binary", "--silent", "b.txt", "b.diff"], check=True, capture_output=True)
    assert (tmp_path / "b.txt").read_bytes() == original


ENCODED = ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "cp1251", "shift_jis", "euc_kr", "gb18030"]
WORDS = {
    "cp1251": "Городской совет собрался в понедельник и три часа говорил о деньгах. В пятницу он соберётся снова, сказал мэр.",
    "shift_jis": "町議会は月曜日に三時間にわたって来年度の予算を話し合った。次の会合は金曜日に開かれると町長は述べた。",
    "euc_kr": "시의회는 월요일에 세 시간 동안 내년도 예산을 논의했다. 시장은 금요일에 다시 모이겠다고 밝혔다.",
    "gb18030": "市议会星期一就明年的预算讨论了三个小时。市长表示，星期五将再次开会，并请居民参加。",
}
GERMAN = "Der Gemeinderat beriet am Montag drei Stunden über Geld für das Café am Markt. Am Freitag kommt er wieder zusammen."


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_file_comes_back_in_its_encoding(
    encoding: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = WORDS.get(encoding, GERMAN) + "\n\nAdvertisement\n"
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    monkeypatch.chdir(tmp_path)
    ran = run(["clean", "a.txt", "-o", "out", "--report", "r.json"], capfdbinary, monkeypatch)
    assert (ran.status, ran.err) == (0, "")
    assert (tmp_path / "out/a.txt").read_bytes() == text.replace("\n\nAdvertisement", "").encode(encoding)
    ran = run(["restore", "out/a.txt", "r.json", "-o", "b.txt"], capfdbinary, monkeypatch)
    assert (tmp_path / "b.txt").read_bytes() == text.encode(encoding)


def test_help_of_every_command_has_an_example() -> None:
    import typer

    root = typer.main.get_command(cli.app)
    commands = dict(root.commands)  # type: ignore[attr-defined]
    commands.update({f"rules {name}": command for name, command in commands.pop("rules").commands.items()})
    assert set(commands) == {"clean", "diff", "restore", "explain", "batch", "report", "learn"} | {
        f"rules {n}" for n in ("list", "show", "stats", "test")
    }
    for name, command in commands.items():
        assert f"`newsclean {name} " in command.help or f"`newsclean {name}`" in command.help
        assert all(getattr(option, "help", None) for option in command.params), name


def module(*args: str, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "newsclean", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_module_is_the_command() -> None:
    out, err = module("--version").communicate()
    assert re.fullmatch(rb"newsclean \d+\.\d+\.\d+\n", out)
    assert err == b""


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text(ARTICLE * 2_000)
    process = module("clean", str(tmp_path / "long.txt"))
    assert process.stdout
    assert process.stderr
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == -signal.SIGPIPE  # 141, as a shell shows it


def test_no_colour_in_a_pipe_and_with_no_color(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    for args in (["diff", "a.txt"], ["diff", "--style", "inline", "a.txt"], ["explain", "a.txt"], ["rules", "list"]):
        out, _ = module(*args, cwd=tmp_path).communicate()
        assert b"\x1b" not in out
    out, _ = module("diff", "--all", "a.txt", cwd=tmp_path, env={**os.environ, "FORCE_COLOR": "1"}).communicate()
    assert b"\x1b[" in out
    out, _ = module("diff", "--all", "a.txt", cwd=tmp_path, env={**os.environ, "FORCE_COLOR": "1", "NO_COLOR": "1"}).communicate()
    assert not re.search(rb"\x1b\[[\d;]*3[1-6]", out)


def test_a_file_that_must_not_be_read_is_told(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(ARTICLE)
    real = Path.read_bytes

    def refused(self: Path) -> bytes:  # root may read everything, so the mode alone would not show it
        if self.name == "secret.txt":
            raise PermissionError(13, "Permission denied")
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", refused)
    monkeypatch.chdir(tmp_path)
    ran = run(["clean", "secret.txt"], capfdbinary, monkeypatch)
    assert (ran.status, ran.out, ran.err) == (2, "", "newsclean: secret.txt: cannot read: Permission denied\n")
