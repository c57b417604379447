"""`newsclean rules`: look at the rules, and test them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from newsclean.errors import InputError
from newsclean.options import LOOKS, Settings, counted, say, takes_packs, takes_settings

if TYPE_CHECKING:
    from newsclean.rules import Pack, Rule

rules_app = typer.Typer(
    name="rules",
    help="Look at the rules, and test them.\n\n**Examples**\n\n- `newsclean rules list --label paywall`\n"
    "- `newsclean rules show en-paywall/unlock-benefits`\n- `newsclean rules test my-pack.toml`",
    invoke_without_command=True,
    **LOOKS,
)


@rules_app.callback()
def _rules(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_rules()


@rules_app.command("list")
@takes_packs
def list_rules_command(
    *, label: Annotated[str | None, typer.Option("--label", metavar="LABEL", help="Only rules of this label.")] = None,
    settings: Settings,
) -> None:  # fmt: skip
    """List the rules, with label, kind and what each one is.

    **Examples**

    - `newsclean rules list`
    - `newsclean rules list --label paywall --pack my-pack.toml`
    """
    list_rules(label, settings)


def list_rules(label: str | None = None, settings: Settings | None = None) -> None:
    from newsclean import screen
    from newsclean.rules import LABELS

    if label is not None and label not in LABELS:
        raise InputError(f"unknown label '{label}'; known: {', '.join(LABELS)}")
    rules = [r for pack in _listed(settings or Settings()) for r in pack.rules if label in (None, r.label)]
    screen.show([screen.rule_table(rules)])


@rules_app.command("show")
@takes_packs
def show_rule(rule: Annotated[str, typer.Argument(metavar="RULE", help="Its id (pack/name), or the name if only one has it.")], *, settings: Settings) -> None:  # fmt: skip
    """Show one rule: what it is, what it looks for, and its examples.

    **Examples**

    - `newsclean rules show en-paywall/unlock-benefits`
    """
    from newsclean import screen
    from newsclean.rulebook import rule_page

    screen.show([screen.markdown(rule_page(*_rule(rule, settings)))])


@rules_app.command("test")
@takes_packs
def test_rules(packs: Annotated[list[str] | None, typer.Argument(metavar="PACK", help="Pack files, or names of packs that come with newsclean; all if none.")] = None, *, settings: Settings) -> None:  # fmt: skip
    """Run the examples of packs: what must go goes, what must stay stays. Exit code 1 if one fails.

    **Examples**

    - `newsclean rules test`
    - `newsclean rules test my-pack.toml en-paywall`
    """
    from newsclean.examples import check_pack

    known = _packs(settings)
    wanted = _wanted_packs(packs, known)
    failures = [failure for one in wanted for failure in check_pack(one, known)]
    for failure in failures:
        print(failure)
    rules = [rule for one in wanted for rule in one.rules]
    examples = sum(len(rule.match) + len(rule.keep) + len(rule.lines) for rule in rules)
    say(f"{counted(len(rules), 'rule')}, {counted(examples, 'example')}, {len(failures)} failed")
    if failures:
        raise typer.Exit(1)


@rules_app.command("stats")
@takes_settings
def rule_stats(places: Annotated[list[str], typer.Argument(metavar="FILE|FOLDER", help="Files, tables and folders, as batch reads them.")], *,
    rule: Annotated[str | None, typer.Option("--rule", metavar="RULE", help="Only this rule, with many samples.")] = None,
    samples: Annotated[int, typer.Option("--samples", "-n", min=0, metavar="N", help="Different lines shown of each rule.")] = 3,
    spared: Annotated[bool, typer.Option("--all", "-a", help="Show what was spared as well.")] = False,
    pager: Annotated[bool, typer.Option("--pager/--no-pager", help="Page long output on a terminal, through $PAGER or less.")] = True,
    settings: Settings,
) -> None:  # fmt: skip
    """Say how often each rule fired over a collection, with sample lines, so that you can review it on your own texts.

    **Examples**

    - `newsclean rules stats articles/`
    - `newsclean rules stats articles/ --rule en-related/linked-headline --samples 40`
    - `newsclean rules stats crawl.jsonl --all --pack my-pack.toml`
    """
    from newsclean import screen
    from newsclean.batch.cleaning import cleaned_row
    from newsclean.batch.finding import Wanted, documents
    from newsclean.stats import tally

    wanted = _rule(rule, settings)[0].id if rule else None
    cleaner = settings.cleaner()
    cleaned = (
        cleaned_row(row, cleaner, settings.site, place) for place, row in documents(Wanted(tuple(places)), settings.encoding)
    )
    found = [stats for stats in tally(cleaned, samples) if wanted in (None, stats.rule)]
    screen.show(screen.rule_stats(found, spared), pager)


def _packs(settings: Settings) -> tuple[Pack, ...]:
    from newsclean.loading import builtin_packs

    return (*builtin_packs(), *settings.packs())


def _listed(settings: Settings) -> tuple[Pack, ...]:
    """The packs, and what is found on pages without one."""
    from newsclean.rules import PAGE

    return (*_packs(settings), PAGE)


def _wanted_packs(names: Iterable[str] | None, known: tuple[Pack, ...]) -> list[Pack]:
    from newsclean.loading import load_pack

    by_name = {pack.name: pack for pack in known}
    return [by_name[n] if n in by_name and not os.path.exists(n) else load_pack(n) for n in names] if names else list(known)


def _rule(name: str, settings: Settings) -> tuple[Rule, Pack]:
    from difflib import get_close_matches

    rules = {rule.id: (rule, pack) for pack in _listed(settings) for rule in pack.rules}
    found = [rules[name]] if name in rules else [r for id_, r in rules.items() if id_.rpartition("/")[2] == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"several rules are called '{name}': {', '.join(r.id for r, _ in found)}")
    close = get_close_matches(name, rules, 3)
    raise InputError(
        f"unknown rule '{name}'; {'did you mean ' + ' or '.join(close) + '?' if close else 'newsclean rules list shows them'}"
    )
