"""What checking the packs gives is made when newsclean is built, and put beside the code: else the first command of each user
would take as long as the check does. Called by the builder; see pyproject.toml."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # type: ignore[import-not-found]  # there while it builds

MAKE = "import newsclean; newsclean.Cleaner().clean('Rain.')"


class Kept(BuildHookInterface):  # type: ignore[misc]
    """Adds `newsclean/kept/`: the entries that newsclean keeps on disk (newsclean.packcache), as they are for these packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # what is being written is kept by each user
            return
        self._folder = TemporaryDirectory()
        own = {"PYTHONPATH": self.root, "NEWSCLEAN_CACHE": self._folder.name, "PYTHONSAFEPATH": "1"}
        subprocess.run([sys.executable, "-c", MAKE], env={**os.environ, **own}, check=True)
        for entry in Path(self._folder.name).glob("*.jsonl"):
            key = entry.read_bytes().split(b" ", 1)[0].decode()
            build_data["force_include"][str(entry)] = f"newsclean/kept/{key[:32]}.jsonl"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if version != "editable":
            self._folder.cleanup()
