"""The options that commands share: which rules act, and what is known of the document.

`takes_settings` adds them to a command, which gets them as one `settings`; `takes_packs` adds those of the packs alone.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from newsclean.config import Config
    from newsclean.engine import Cleaner
    from newsclean.policy import Policy
    from newsclean.rules import Pack

# How all commands look; that of a group is only asked for its own.
LOOKS: dict[str, Any] = {"rich_markup_mode": "markdown", "pretty_exceptions_enable": False, "add_completion": False}
SOME_FAILED = 3  # exit code

RULES = "Rules"
DOCUMENT = "Document"
PAGES = "Pages"

Profile = Annotated[str | None, typer.Option("--profile", "-p", metavar="NAME", help="news (default), corpus, body or archive.", rich_help_panel=RULES)]  # fmt: skip
Keep = Annotated[list[str] | None, typer.Option("--keep", metavar="LABEL", help="Let this label stand. Repeatable.", rich_help_panel=RULES)]  # fmt: skip
Remove = Annotated[list[str] | None, typer.Option("--remove", metavar="LABEL", help="Cut this label, too. Repeatable.", rich_help_panel=RULES)]  # fmt: skip
With = Annotated[list[str] | None, typer.Option("--with", metavar="RULE", help="Act on this rule whatever its label, weak or not. Repeatable.", rich_help_panel=RULES)]  # fmt: skip
Without = Annotated[list[str] | None, typer.Option("--without", metavar="RULE", help="Switch this rule off. Repeatable.", rich_help_panel=RULES)]  # fmt: skip
Packs = Annotated[list[Path] | None, typer.Option("--pack", metavar="FILE", help="Use this rule pack besides. Repeatable.", rich_help_panel=RULES)]  # fmt: skip
Stamps = Annotated[str | None, typer.Option("--timestamps", metavar="WHICH", help="Timestamps that stay: first (default), latest, all or none.", rich_help_panel=RULES)]  # fmt: skip
Lang = Annotated[list[str] | None, typer.Option("--lang", metavar="CODE", help="Only the packs of this language (and of none). Repeatable; all by default.", rich_help_panel=RULES)]  # fmt: skip
KeepPhrase = Annotated[list[str] | None, typer.Option("--keep-phrase", metavar="TEXT", help="A whole line that stays, however it is spelled. Repeatable.", rich_help_panel=RULES)]  # fmt: skip
DropPhrase = Annotated[list[str] | None, typer.Option("--drop-phrase", metavar="TEXT", help="A whole line that goes. Repeatable.", rich_help_panel=RULES)]  # fmt: skip
KeepPhrases = Annotated[Path | None, typer.Option("--keep-phrases", metavar="FILE", help="A file of such lines that stay.", rich_help_panel=RULES)]  # fmt: skip
DropPhrases = Annotated[Path | None, typer.Option("--drop-phrases", metavar="FILE", help="A file of such lines that go.", rich_help_panel=RULES)]  # fmt: skip
MaxShare = Annotated[float | None, typer.Option("--max-share", metavar="SHARE", help="The brake: a document that would lose more of its characters comes back whole (default 0.4; 1: no brake).", rich_help_panel=RULES)]  # fmt: skip
ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="This configuration, not the newsclean.toml or pyproject.toml found upward from here.", rich_help_panel=RULES)]  # fmt: skip
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The article's headline, if you know it: evidence against copies of it.", rich_help_panel=DOCUMENT)]  # fmt: skip
Site = Annotated[str | None, typer.Option("--site", metavar="NAME", help="The site it comes from, as example.com.", rich_help_panel=DOCUMENT)]  # fmt: skip
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="The page it comes from.", rich_help_panel=DOCUMENT)]  # fmt: skip
Encoding = Annotated[str | None, typer.Option("--encoding", metavar="NAME", help="The files' encoding, if it is not found rightly.", rich_help_panel=DOCUMENT)]  # fmt: skip

To = Annotated[str, typer.Option("--to", metavar="FORMAT", help="What to make of a page: text, markdown or html (the elements that are left).", rich_help_panel=PAGES)]  # fmt: skip
Images = Annotated[bool, typer.Option("--images", help="With --to markdown or html: keep the article's images.", rich_help_panel=PAGES)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What the shared options say, as typed."""

    profile: str | None = None
    keep: list[str] | None = None
    remove: list[str] | None = None
    with_: list[str] | None = None
    without: list[str] | None = None
    pack: list[Path] | None = None
    timestamps: str | None = None
    lang: list[str] | None = None
    keep_phrase: list[str] | None = None
    drop_phrase: list[str] | None = None
    keep_phrases: Path | None = None
    drop_phrases: Path | None = None
    max_share: float | None = None
    config: Path | None = None
    title: str | None = None
    site: str | None = None
    url: str | None = None
    encoding: str | None = None

    @property
    def known(self) -> dict[str, str | None]:
        """What is known of the document, as `Cleaner.clean` takes it."""
        return {"title": self.title, "site": self.site, "url": self.url}

    def configured(self) -> Config:
        from newsclean.config import find_config, read_config

        return read_config(self.config) if self.config else find_config(Path.cwd())

    def packs(self, config: Config | None = None) -> tuple[Pack, ...]:
        """The user's packs: of the configuration, then of the command line. Raises PackError with the mistakes of all."""
        from newsclean.errors import PackError
        from newsclean.loading import load_pack

        config = config or self.configured()
        loaded, mistakes = [], list[str]()
        for path in (*config.values.get("packs", ()), *(self.pack or ())):
            try:
                loaded.append(load_pack(path))
            except PackError as error:
                mistakes += error.mistakes
        if mistakes:
            raise PackError(mistakes)
        return tuple(loaded)

    def policy(self, config: Config) -> Policy:
        from newsclean.config import read_phrases
        from newsclean.policy import Policy

        said = config.values
        both = {name: (*said.get(name, ()), *(typed or ())) for name, typed in self._lists()}
        for name, path in (("keep_phrases", self.keep_phrases), ("drop_phrases", self.drop_phrases)):
            if path:
                both[name] = (*both[name], *read_phrases(str(path)))
        return Policy(
            profile=self.profile or said.get("profile", "news"),
            timestamps=self.timestamps or said.get("timestamps", ""),
            max_share=self.max_share if self.max_share is not None else said.get("max_share", Policy().max_share),
            **both,
        )

    def _lists(self) -> tuple[tuple[str, list[str] | None], ...]:
        return (
            ("keep", self.keep), ("remove", self.remove), ("with_", self.with_), ("without", self.without),
            ("languages", self.lang), ("keep_phrases", self.keep_phrase), ("drop_phrases", self.drop_phrase),
        )  # fmt: skip

    def cleaner(self, *learned: Pack) -> Cleaner:
        """The cleaner that these settings and the configuration describe, with packs that were learned."""
        from newsclean.engine import Cleaner

        config = self.configured()
        return Cleaner(self.policy(config), extra=(*self.packs(config), *learned))


def _shared(
    profile: Profile = None, keep: Keep = None, remove: Remove = None, with_: With = None, without: Without = None,
    pack: Packs = None, timestamps: Stamps = None, lang: Lang = None, keep_phrase: KeepPhrase = None,
    drop_phrase: DropPhrase = None, keep_phrases: KeepPhrases = None, drop_phrases: DropPhrases = None,
    max_share: MaxShare = None, config: ConfigFile = None, title: Title = None, site: Site = None, url: Url = None,
    encoding: Encoding = None,
) -> None:  # fmt: skip
    """Only its signature is used: the options, in the order of the help."""


def takes_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the shared options; what they say reaches it as its argument `settings`."""
    return _with_options(command, [f.name for f in fields(Settings)])


def takes_packs(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with the options alone that say which packs there are."""
    return _with_options(command, ["pack", "config"])


def _with_options(command: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    shared = inspect.signature(_shared, eval_str=True).parameters
    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "settings"]
    every = [p.replace(kind=p.KEYWORD_ONLY) for p in (*own, *(shared[name] for name in names))]

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        settings = Settings(**{name: given.pop(name) for name in names})
        return command(**given, settings=settings)

    run.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in every}
    return run


def say(message: str) -> None:
    """Talk, a line each, goes to standard error: standard output carries only the product."""
    for line in message.splitlines():
        print(f"newsclean: {line}", file=sys.stderr)


def counted(number: int, thing: str) -> str:
    """1 file, 2 files."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
