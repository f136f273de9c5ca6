"""One document → one definition, checked, with every default filled in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from engine.definitions.code import CodeReader
from engine.definitions.execution import FileContext, read_execution
from engine.definitions.keys import KEYS, unknown_key
from engine.definitions.nodes import Fields, Items, Node, Text
from engine.definitions.problems import FileProblems
from engine.definitions.timing import read_expiry, read_schedule, read_timezone
from engine.definitions.values import Values, found
from engine.domain.group import DEFAULT_GROUP
from engine.domain.job import Definition

_LONGEST_OPTIONS: Final = 65_536  # characters of JSON
_LONGEST_AUTHOR: Final = 240
_LONGEST_RETENTION: Final = 36_525  # days
_SEVERAL: Final = (
    "a definition is a mapping that begins with `name:`; several in one file are no list, but "
    "documents with --- between them"
)


class JobReader:
    """Reads the documents of one file."""

    def __init__(self, path: Path | None, problems: FileProblems, timezone: str) -> None:
        """Begin a file.

        Args:
            path: where relative names start from; None where the text came from no file.
            problems: what is wrong is noted there.
            timezone: of jobs that name none; "": it is not known.
        """
        self._path = path
        self._problems = problems
        self._values = Values(problems)
        self._timezone = timezone
        folder = path.parent if path else None
        self.context = FileContext(folder, problems, self._values, CodeReader(folder, problems))
        self.groups: dict[str, str] = {}  # of define-group: name to description
        self._groups_at: dict[str, Node] = {}

    def read(self, document: Node) -> Definition | None:
        """Return the definition of `document`; None if it is empty or anything in it is wrong."""
        if (
            isinstance(document, Text)
            and document.style is None
            and document.value in {"", "~", "null"}
        ):
            return None
        if not isinstance(document, Fields):
            self._problems.at(document, _no_mapping(document))
            return None
        if _is_list_under_a_key(document):
            self._problems.at(document, _SEVERAL)
            return None
        before = self._problems.problems.count
        fields = self._known(document)
        named = self._named(fields, document)
        definition = self._definition(fields, document, named)
        return definition if self._problems.problems.count == before else None

    def _known(self, document: Fields) -> dict[str, Node]:
        known: dict[str, Node] = {}
        for key, value in document.entries:
            if key.value in KEYS:
                known[key.value] = value
            else:
                self._problems.at(key, unknown_key(key.value))
        return known

    def _named(self, fields: Mapping[str, Node], document: Node) -> str:
        if "name" not in fields:
            self._problems.at(document, "the job has no `name`")
            return "the job"
        return f"job '{self._values.name(fields['name'], 'name')[:160]}'"

    def _definition(self, fields: Mapping[str, Node], document: Fields, named: str) -> Definition:
        values = self._values
        timezone = read_timezone(fields, values, document, named=named, default=self._timezone)
        name = fields.get("name")
        optional: dict[str, Any] = {}
        for key, attribute, most in (("version", "version", 80), ("desc", "description", 4000)):
            if key in fields:
                optional[attribute] = values.text(fields[key], key, most, lines=key == "desc")
        for key, attribute in (
            ("run-skipped", "run_skipped"),
            ("single-instance", "single_instance"),
            ("active", "active"),
        ):
            if key in fields:
                optional[attribute] = values.flag(fields[key], key)
        if "tags" in fields:
            optional["tags"] = values.text_map(fields["tags"], "tags", 4000, lines=True)
        if "expiry-date" in fields:
            optional["expiry_date"] = read_expiry(fields["expiry-date"], values, timezone)
        if "retention" in fields:
            optional["retention"] = values.positive(
                fields["retention"], "retention", _LONGEST_RETENTION, "days"
            )
        return Definition(
            name=name.value if isinstance(name, Text) else "",
            schedule=read_schedule(fields, values, document, named=named, timezone=timezone),
            author=self._author(fields.get("author")),
            groups=self._groups(fields),
            options=self._options(fields.get("options")),
            execution=read_execution(fields, document, self.context, named=named),
            source=str(self._path or ""),
            source_line=document.line,
            **optional,
        )

    def _author(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, Items):
            return self._values.text(node, "author", _LONGEST_AUTHOR)
        authors = self._values.texts(
            node, "author", lambda item: self._values.text(item, "author", _LONGEST_AUTHOR)
        )
        joined = ", ".join(authors)
        if len(joined) > _LONGEST_AUTHOR:
            self._problems.at(node, f"'author' has more than {_LONGEST_AUTHOR} characters in all")
        return joined

    def _groups(self, fields: Mapping[str, Node]) -> tuple[str, ...]:
        if "define-group" in fields:
            node = fields["define-group"]
            described = self._values.text_map(node, "define-group", 4000, lines=True)
            for key, _ in node.entries if isinstance(node, Fields) else ():
                self._values.name(key, "the group's name")
                self._define_group(key, described.get(key.value, ""))
        if "groups" not in fields:
            return ()
        names = self._values.texts(
            fields["groups"], "groups", lambda item: self._values.name(item, "the group's name")
        )
        return tuple(sorted(name for name in names if name != DEFAULT_GROUP))

    def _define_group(self, key: Text, description: str) -> None:
        if self.groups.setdefault(key.value, description) != description:
            first = self._groups_at[key.value]
            self._problems.at(
                key, f"group '{key.value}' is described otherwise on line {first.line}"
            )
        self._groups_at.setdefault(key.value, key)

    def _options(self, node: Node | None) -> dict[str, Any]:
        if node is None:
            return {}
        options = self._values.data(node, "options")
        if len(json.dumps(options, ensure_ascii=False)) > _LONGEST_OPTIONS:
            self._problems.at(node, f"'options' are longer than {_LONGEST_OPTIONS:,} characters")
        return options


def _is_list_under_a_key(document: Fields) -> bool:
    """Whether nothing is known here, and jobs are listed below, as in `jobs: [{name: a}]`."""
    return not any(key.value in KEYS for key, _ in document.entries) and any(
        isinstance(value, Items) and any(isinstance(item, Fields) for item in value.items)
        for _, value in document.entries
    )


def _no_mapping(document: Node) -> str:
    if isinstance(document, Items):
        return _SEVERAL
    return f"a definition is a mapping, beginning with `name:`; found {found(document)}"
