"""What cleaning costs, against reading the text and against what else people do. Ratios of one run; no seconds are promised.

    python benchmarks/speed.py                       # ../shared/corpus/labelled.jsonl if it is there, else fixtures/articles
    python benchmarks/speed.py --only floor rules    # parts of it, see PARTS
    python benchmarks/speed.py --full                # growth up to 100,000 documents and 10 MB, and batches of 64 MB
    python benchmarks/speed.py --calls               # a call table of the hot path, besides

The last line of the output is the results as JSON. benchmarks/README.md says how to read them.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from newsclean import Cleaner, builtin_packs
from newsclean.rules import Pack

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "corpus" / "labelled.jsonl"
HERE = Path(__file__).parent

Work = Callable[[], object]

# A script as people write it, of 22 calls of re.sub.
SCRIPT = [
    (re.compile(pattern, re.I | re.M), put)
    for pattern, put in (
        (r"https?://\S+", ""), (r"\S+@\S+\.\w+", ""), (r"<[^>]+>", ""), (r"&\w+;", " "), (r"[“”]", '"'), (r"[‘’]", "'"),
        (r"[–—]", "-"), (r"\xa0", " "), (r"[\u200b-\u200f\ufeff]", ""), (r"^advertisement$", ""), (r"^sponsored.*$", ""),
        (r"^(?:read|see) (?:more|also):?.*$", ""), (r"^related:?.*$", ""), (r"^share (?:this|on).*$", ""), (r"^follow us.*$", ""),
        (r"sign up for (?:our|the) .*newsletter.*", ""), (r"subscribe (?:now|today).*", ""), (r"^click here.*$", ""),
        (r"(?:all rights reserved|copyright ©).*", ""), (r"^(?:updated|published):? .*$", ""),
        (r"[ \t]+", " "), (r"\n{3,}", "\n\n"),
    )
]  # fmt: skip


@dataclass
class Bench:
    """What is measured, and on what."""

    texts: list[str]
    full: bool
    figures: dict[str, float] = field(default_factory=dict)

    def say(self, name: str, figure: float, about: str, target: str = "") -> None:
        self.figures[name] = round(figure, 3)
        print(f"{name:26s} {figure:10.2f}  {about}{f'  (target {target})' if target else ''}", flush=True)


def floor(data: bytes) -> bytes:
    """The least that anything costs that reads lines and writes lines."""
    return "\n".join(data.decode().split("\n")).encode()


def timed(work: Work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def interleaved(works: list[Work], runs: int) -> list[float]:
    """The median time of each, taken in turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for taken, work in zip(times, works, strict=True):
            taken.append(timed(work))
    return [statistics.median(taken) for taken in times]


def forgetting(cleaner: Cleaner, texts: list[str]) -> Work:
    """All texts cleaned as if none had been seen before."""

    def work() -> None:
        cleaner.forget()
        for text in texts:
            cleaner.clean(text)

    return work


# --- parts --------------------------------------------------------------------------------------------


def against_floor(bench: Bench) -> None:
    cleaner, data = Cleaner(), [text.encode() for text in bench.texts]
    forgetting(cleaner, bench.texts)()  # compiles what the texts need
    works: list[Work] = [
        lambda: [floor(text) for text in data],
        forgetting(cleaner, bench.texts),
        lambda: [cleaner.clean(text) for text in bench.texts],
    ]
    least, new, seen = interleaved(works, 9)
    bench.say("floor", new / least, "x floor, Cleaner.clean with report, every text new", "6")
    bench.say("floor_seen", seen / least, "x floor, texts that were seen before")
    bench.say("mb_per_second", sum(map(len, data)) / new / 1e6, "MB/s, every text new")
    bench.say(
        "first_texts", timed(lambda: [Cleaner().clean(text) for text in bench.texts[:1]]), "s, a new Cleaner and its first text"
    )


def against_script(bench: Bench) -> None:
    def script() -> None:
        for text in bench.texts:
            for pattern, put in SCRIPT:
                text = pattern.sub(put, text)

    cleaner = Cleaner()
    forgetting(cleaner, bench.texts)()
    theirs, ours = interleaved([script, forgetting(cleaner, bench.texts)], 7)
    bench.say("script", theirs / ours, "times as fast as a script of 22 re.sub", "10")


def against_c4(bench: Bench) -> None:
    sys.path.insert(0, str(HERE))
    from quality import datatrove_c4

    cleaner = Cleaner()
    forgetting(cleaner, bench.texts)()
    for name, sentences, about, target in (
        ("c4", True, "times as fast as datatrove's C4 filter", "80"),
        ("c4_lines", False, "times as fast as its lines alone, without its count of sentences", ""),
    ):
        c4 = datatrove_c4(sentences)
        if c4 is None:
            print(f"{name}: datatrove{' or spacy' if sentences else ''} is not installed")
            continue

        def theirs(clean: Callable[[str, str | None], str] = c4) -> None:
            for text in bench.texts:
                clean(text, None)

        theirs()  # loads what it needs
        their_time, our_time = interleaved([theirs, forgetting(cleaner, bench.texts)], 3)
        bench.say(name, their_time / our_time, about, target)


def more_rules(bench: Bench) -> None:
    packs = builtin_packs()
    one, two = Cleaner(), Cleaner(extra=[synthetic(packs)])
    works = [forgetting(one, bench.texts), forgetting(two, bench.texts)]
    for work in works:
        work()
    single, double = interleaved(works, 7)
    bench.say("rules", double / single, f"x, twice the {len(one.rules):,} rules", "1.25")


def synthetic(packs: tuple[Pack, ...]) -> Pack:
    """As many rules again as the packs have, of words that theirs are made of, put together anew."""
    from newsclean.packtoml import parse_pack

    rng = random.Random(0)
    literals = {word for pack in packs for rule in pack.rules for words in rule.scan for word in words}
    words = sorted({word for literal in literals for word in re.findall(r"\w{4,}", literal)})
    tables = ['[pack]\nabout = "synthetic"']
    for number in range(sum(len(pack.rules) for pack in packs)):
        a, b, c, d = (rng.choice(words) for _ in range(4))
        pattern = rng.choice((rf"(?:{a}|{b}) {c}\b.{{0,60}}", rf".{{0,40}}\b{a} {b}\b.{{0,40}}", rf"(?:{a} )?{b} (?:{c}|{d})"))
        tables.append(
            f"[rule.r{number}]\nkind = 'block'\nlabel = 'promo'\nabout = ''\npattern = '{pattern}'\nmatch = ['x']\nkeep = ['x']"
        )
    return parse_pack("\n\n".join(tables), "synthetic.toml", "synthetic", proven=True)


def growth(bench: Bench) -> None:
    """Time for each MB, of many documents against few, and of a large document against a small one."""
    cleaner = Cleaner()
    lines = [line for text in bench.texts for line in text.split("\n") if line.strip()]
    few, many = (1_000, 100_000) if bench.full else (500, 10_000)
    per_mb = [_per_mb(cleaner, list(islice(short_texts(lines), count))) for count in (few, few, many)][1:]
    bench.say("growth_documents", per_mb[1] / per_mb[0], f"x time per MB, {many:,} documents against {few:,}", "1.5")
    size = 10_000_000 if bench.full else 1_000_000
    for name, large in large_texts(lines, size).items():
        small = [large[at : at + 10_000] for at in range(0, min(size, 400_000), 10_000)]
        _per_mb(cleaner, small)
        base = statistics.median(_per_mb(cleaner, small) for _ in range(3))
        about = f"x time per MB, {size // 1_000_000} MB of {name.replace('_', ' ')} against 10 KB"
        bench.say(f"growth_{name}", _per_mb(cleaner, [large]) / base, about, "1.5")


def short_texts(lines: list[str]) -> Iterator[str]:
    """Documents of six lines, no two of them equal."""
    source = cycle(lines)
    for number in range(10**9):
        yield "\n".join(f"{line} {number}" for line in islice(source, 6))


def large_texts(lines: list[str], size: int) -> dict[str, str]:
    paragraphs = [line for line in lines if len(line) > 120 and line[-1] == "."]
    numbered = (f"{number} {paragraph}" for number, paragraph in enumerate(cycle(paragraphs)))
    prose = list(islice(numbered, size // 200))
    return {
        "paragraphs": "\n\n".join(prose)[:size],
        "one_line": " ".join(prose)[:size],
        "one-word_lines": "\n".join(word for paragraph in prose for word in paragraph.split())[:size],
    }


def _per_mb(cleaner: Cleaner, texts: list[str]) -> float:
    return timed(forgetting(cleaner, texts)) / sum(map(len, texts))


BARE_APP = "import typer\napp = typer.Typer()\n@app.command()\ndef main(x: str = '') -> None:\n    print(x)\napp()\n"


def installed(folder: str) -> dict[str, str]:
    """The environment of a command as if all were installed: with bytecode, which pip makes of what it installs."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**environment, "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode")}


def start(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = installed(folder)
        app = Path(folder) / "app.py"
        app.write_text(BARE_APP)
        python = sys.executable
        commands = {
            "bare": [python, str(app)],
            "version": [python, "-m", "newsclean", "--version"],
            "clean": [python, "-m", "newsclean", "clean"],
        }

        def run(command: list[str]) -> Work:
            return lambda: subprocess.run(command, input=b"x\n", stdout=subprocess.DEVNULL, check=True, cwd=ROOT, env=environment)

        works = [run(command) for command in commands.values()]
        for work in works:
            work()
        bare, version, clean = interleaved(works, 25)
    bench.say("start_version", version / bare, "x a bare typer app, newsclean --version", "1.2")
    bench.say("start_clean", clean / bare, "x a bare typer app, echo x | newsclean clean", "1.8")


MEMORY = """
import json, sys
def used():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
bare = used()
texts = json.load(sys.stdin)
data = used() - bare
from newsclean import Cleaner
cleaner = Cleaner()
cleaner.clean(texts[0])
one = used() - bare - data
for text in texts: cleaner.clean(text)
print(json.dumps([one, used() - bare - data]))
"""


def memory(bench: Bench) -> None:
    if not Path("/proc/self/status").exists():
        print("memory: only where there is /proc")
        return
    command = [sys.executable, "-c", MEMORY]
    done = subprocess.run(command, input=json.dumps(bench.texts).encode(), capture_output=True, check=True, cwd=ROOT)
    one, every = json.loads(done.stdout)
    bench.say("memory_one", one, "MB over bare Python, a Cleaner that cleaned one text", "60")
    bench.say("memory_all", every, f"MB after {len(bench.texts)} texts, with what is remembered of them")


def workers(bench: Bench) -> None:
    """Two workers against one, whole batches: start, JSON, report and all."""
    with tempfile.TemporaryDirectory() as folder:
        source, environment = Path(folder) / "in.jsonl", installed(folder)
        lines = [line for text in bench.texts for line in text.split("\n")]
        size, texts = (64_000_000 if bench.full else 34_000_000), cycle(bench.texts)
        with source.open("w", encoding="utf-8") as file:
            for number, text in enumerate(texts):
                row = {"id": number, "text": f"{text}\n\n{lines[number % len(lines)]} {number}"}
                if file.write(json.dumps(row) + "\n") and file.tell() > size:
                    break

        def run(count: int) -> None:
            out = Path(folder) / f"out{count}-{time.monotonic_ns()}"
            command = [sys.executable, "-m", "newsclean", "batch", str(source), "-o", str(out), "-q", "-j", str(count)]
            subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment)
            shutil.rmtree(out)

        one, two = interleaved([lambda: run(1), lambda: run(2)], 5 if bench.full else 1)
        bench.say("workers", one / two, "times as fast, two workers against one", "1.8")
        bench.say("batch_mb_per_second", size / two / 1e6, "MB/s of JSON lines, two workers")


PARTS: dict[str, Callable[[Bench], None]] = {
    "floor": against_floor,
    "script": against_script,
    "c4": against_c4,
    "rules": more_rules,
    "growth": growth,
    "start": start,
    "memory": memory,
    "workers": workers,
}


def calls(bench: Bench) -> None:
    cleaner = Cleaner()
    work = forgetting(cleaner, bench.texts)
    work()
    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(30)


def texts_of(path: Path) -> list[str]:
    if path.exists():
        with path.open(encoding="utf-8") as rows:
            return [json.loads(row)["text"] for row in rows]
    return [article.read_text("utf-8") for article in sorted((ROOT / "fixtures" / "articles").glob("*/input.txt"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="JSON lines with a text in each")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=list(PARTS))
    parser.add_argument("--full", action="store_true", help="the sizes that the targets speak of; takes minutes")
    parser.add_argument("--calls", action="store_true", help="a call table of the hot path, besides")
    options = parser.parse_args()
    bench = Bench(texts_of(options.data), options.full)
    print(f"{len(bench.texts)} texts, {sum(len(t.encode()) for t in bench.texts) / 1e6:.2f} MB, Python {sys.version.split()[0]}")
    for part in options.only:
        PARTS[part](bench)
    if options.calls:
        calls(bench)
    print(json.dumps(bench.figures))


if __name__ == "__main__":
    main()
