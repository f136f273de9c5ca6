"""YAML text → documents, by events; what a definition never needs is refused before it is built.

Aliases, anchors, merge keys, tags, duplicate keys and depth are how a small file becomes gigabytes
or code. They are seen in the parser's stream of events, so the tree that a hostile file describes
never exists. The composer of PyYAML is not used at all: with the C parser it ends the process at a
depth of 50,000.
"""

from typing import Any

import yaml

from engine.definitions import yaml_errors
from engine.definitions.nodes import Fields, Items, Node, Text
from engine.definitions.problems import FileProblems, shown

DEEPEST = 20
MOST_NODES = 20_000  # of one document

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_documents(text: str, problems: FileProblems) -> list[Node]:
    """Return the documents of a file; one with a problem is noted, and left out."""
    builder = _Builder(problems)
    loader = None
    try:
        loader = _LOADER(text)
        while (event := loader.get_event()) is not None and builder.take(event):
            pass
    except yaml.YAMLError as error:
        yaml_errors.explain(error, text, problems)
    except RecursionError:  # the pure Python scanner, on flow collections thousands deep
        problems.at_place(1, 1, f"nested too deeply; at most {DEEPEST} levels are accepted")
    finally:
        if loader is not None:
            loader.dispose()
    return builder.documents


class _Builder:
    """Builds one document after the other from events, iteratively."""

    def __init__(self, problems: FileProblems) -> None:
        self.documents: list[Node] = []
        self._problems = problems
        self._open: list[Items | Fields] = []
        self._keys: list[Text | None] = []  # beside `_open`: the key that waits for its value
        self._seen: list[set[str]] = []  # beside `_open`: the keys so far
        self._nodes = 0
        self._root: Node | None = None
        self._noted_before = 0

    def take(self, event: Any) -> bool:
        """Take one event; False ends the reading of this file."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if event.anchor or event.tag:
                self._refuse_decoration(event)
            mark = event.start_mark
            style = None if event.implicit[0] else event.style
            return self._add(Text(mark.line + 1, mark.column + 1, event.value, style))
        if kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            return self._start(event, kind is yaml.MappingStartEvent)
        if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._end()
        elif kind is yaml.AliasEvent:
            return self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._root, self._nodes, self._noted_before = None, 0, self._problems.problems.count
        elif kind is yaml.DocumentEndEvent:
            self._finish_document()
        return True

    def _start(self, event: Any, mapping: bool) -> bool:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if event.anchor or event.tag:
            self._refuse_decoration(event)
        if len(self._open) >= DEEPEST:
            self._problems.at_place(
                line, column, f"nested too deeply; at most {DEEPEST} levels are accepted"
            )
            return False
        node: Items | Fields = Fields(line, column, []) if mapping else Items(line, column, [])
        going_on = self._add(node)
        self._open.append(node)
        self._keys.append(None)
        self._seen.append(set())
        return going_on

    def _end(self) -> None:
        self._open.pop()
        self._keys.pop()
        self._seen.pop()

    def _alias(self, event: Any) -> bool:
        mark = event.start_mark
        self._problems.at_place(
            mark.line + 1,
            mark.column + 1,
            f"alias *{event.anchor[:60]} is not accepted; write the value out, "
            "in quotes if it is a text that begins with *",
        )
        return self._add(Text(mark.line + 1, mark.column + 1, ""))

    def _add(self, node: Node) -> bool:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._problems.at(
                node, f"the document has more than {MOST_NODES:,} values, the most that is accepted"
            )
            return False
        if not self._open:
            self._root = node
            return True
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.items.append(node)
            return True
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = self._take_key(node)
        else:
            parent.entries.append((key, node))
            self._keys[-1] = None
        return True

    def _take_key(self, node: Node) -> Text:
        if not isinstance(node, Text):
            self._problems.at(node, "a key must be a text; found a list or a mapping")
            return Text(node.line, node.column, "")
        if node.value == "<<" and node.style is None:
            self._problems.at(node, "merge keys (<<) are not accepted; write the values out")
        elif node.value in self._seen[-1]:
            self._problems.at(node, f"key {shown(node.value)} is given twice in the same mapping")
        self._seen[-1].add(node.value)
        return node

    def _refuse_decoration(self, event: Any) -> None:
        mark = event.start_mark
        if event.anchor:
            self._problems.at_place(
                mark.line + 1,
                mark.column + 1,
                f"anchor &{event.anchor[:60]} is not accepted; write the value out instead",
            )
        if event.tag and event.tag != "!":
            self._problems.at_place(
                mark.line + 1,
                mark.column + 1,
                f"tag {yaml_errors.short_tag(event.tag)} is not accepted; this is plain data",
            )

    def _finish_document(self) -> None:
        if self._root is not None and self._problems.problems.count == self._noted_before:
            self.documents.append(self._root)
