"""Write the golden articles anew: `python tests/refresh.py`. Read the diff before committing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from newsclean import Cleaned, Cleaner
from newsclean.inputs import decode

ARTICLES = Path(__file__).parent.parent / "fixtures" / "articles"


def cleaned_article(folder: Path) -> Cleaned:
    """Clean the article of a folder: input.txt, with the title in title.txt where there is one."""
    text, encoding = decode((folder / "input.txt").read_bytes(), folder.name)
    title = folder / "title.txt"
    return Cleaner().clean(text, title=title.read_text("utf-8").strip() if title.exists() else None, encoding=encoding)


def golden_report(cleaned: Cleaned) -> dict[str, Any]:
    """The report without what changes from version to version."""
    data = cleaned.report.to_dict()
    return {key: value for key, value in data.items() if key not in ("newsclean", "packs")}


def main() -> None:
    for folder in sorted(ARTICLES.iterdir()):
        cleaned = cleaned_article(folder)
        (folder / "clean.txt").write_bytes(cleaned.text.encode(cleaned.report.encoding))
        report = json.dumps(golden_report(cleaned), ensure_ascii=False, indent=1)
        (folder / "report.json").write_text(report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
