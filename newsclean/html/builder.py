"""A tree of BeautifulSoup, made from what the parser of lxml says as it reads.

    BeautifulSoup(markup, builder=Builder(feed))

bs4's own builder stands on the same parser, and makes each element and string through some ten calls. Of those that a page
of news needs few matter: this one copies an element that bs4 made for each tag, and links it; it takes a third of the time. The
tree is what bs4's would be, less comments, declarations and processing instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bs4 import BeautifulSoup
from bs4.builder import LXMLTreeBuilder  # type: ignore[attr-defined, unused-ignore]  # the stubs are of an older bs4
from bs4.element import HTMLAttributeDict, NavigableString, Tag  # type: ignore[attr-defined, unused-ignore]

_OWN = frozenset({"meta"})  # bs4 notes the encoding that it declares


class Builder(LXMLTreeBuilder):  # type: ignore[misc, unused-ignore]
    """`feeder(markup, target)` calls the target's `start`, `data` and `end`, as a parser of lxml does."""

    def __init__(self, feeder: Callable[[str, Any], None]) -> None:
        super().__init__(multi_valued_attributes=None)
        self.feeder = feeder

    def prepare_markup(self, markup: Any, *_: Any, **__: Any) -> Iterator[tuple[Any, None, None, bool]]:
        yield markup, None, None, False

    def feed(self, markup: Any) -> None:
        assert self.soup is not None
        self.feeder(markup, _Growing(self, self.soup))


class _Growing:
    def __init__(self, builder: Builder, soup: BeautifulSoup) -> None:
        self.builder, self.soup = builder, soup
        self.here: Tag = soup  # the element that is open
        self.last: Any = soup  # the element or string made last
        self.pieces: list[str] = []
        self.spaced = 0  # open elements in which white space matters
        self.models: dict[str, dict[str, Any]] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self.pieces:
            self._string()
        tag = self._new(name)
        attrs = HTMLAttributeDict()
        dict.update(attrs, attributes)
        tag.attrs, tag.contents = attrs, []
        if name in _OWN:
            self.builder.set_up_substitutions(tag)
        self._append(tag)
        self.here = tag
        self.spaced += name in self.builder.preserve_whitespace_tags

    def data(self, text: str) -> None:
        self.pieces.append(text)

    def end(self, name: str) -> None:
        if self.pieces:
            self._string()
        if self.here.name == name and self.here.parent is not None:
            self.here = self.here.parent
            self.spaced -= name in self.builder.preserve_whitespace_tags

    def close(self) -> None:
        if self.pieces:
            self._string()

    def _new(self, name: str) -> Tag:
        model = self.models.get(name)
        if model is None:
            model = self.models[name] = dict(vars(Tag(self.soup, self.builder, name)))
        tag = Tag.__new__(Tag)
        vars(tag).update(model)
        return tag

    def _string(self) -> None:
        text = "".join(self.pieces)
        self.pieces = []
        if text.isspace() and not self.spaced:
            text = "\n" if "\n" in text else " "
        kind = self.builder.string_containers.get(self.here.name, NavigableString)
        self._append(kind(text))

    def _append(self, new: Tag | NavigableString) -> None:
        new.setup(self.here, self.last)
        self.here.contents.append(new)
        self.last.next_element = new
        self.last = new
