"""Of which site a document is: the registered domain of its address, the site it names, or the folder it lies in."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from newsclean.batch.shards import Input, folder_of
from newsclean.document import host_of
from newsclean.errors import ConfigError
from newsclean.folding import fold, squeeze


@cache
def _suffixes() -> Any:
    """The public suffixes, with the list that the package brings: nothing is fetched."""
    try:
        from publicsuffixlist import PublicSuffixList
    except ImportError:
        raise missing() from None
    return PublicSuffixList()


def missing() -> ConfigError:
    return ConfigError("learning needs an extra: pip install 'newsclean[sites]'")


@lru_cache(maxsize=65536)
def registered(host: str) -> str:
    """The domain that a host belongs to: example.co.uk for news.example.co.uk; the host itself where it is of none."""
    host = host.strip(".").lower()
    try:
        ipaddress.ip_address(host)
        return host
    except ValueError:
        return str(_suffixes().privatesuffix(host) or host)


def site_of(known: Mapping[str, str | None], one: Input, named: bool = False) -> str:
    """The site of a document of the input `one`, of which this is `known`. `named`: the user said which field has the site, and
    that goes before the address."""
    host, site = host_of(known.get("url")), known.get("site")
    if named and site:
        return _said(site)
    if host:
        return registered(host)
    return _said(site) if site else folder_of(one)


def _said(site: str) -> str:
    """A site as a record or a folder has it: a host, an address, or a name."""
    name = squeeze(fold(host_of(site) or site)).replace("/", " ").strip()
    return registered(name) if "." in name and " " not in name else name
