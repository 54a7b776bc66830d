"""What a page is made of, as far as accessibility rules that need no browser go."""

from __future__ import annotations

from html.parser import HTMLParser


class Markup(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.targets: list[str] = []
        self.tables = self.captions = self.cells_without_scope = self.headings = self.inline = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "label":
            self.labels.add(str(found.get("for")))
        if tag in ("input", "select", "textarea") and found.get("type") not in ("hidden", "submit"):
            self.controls.append(found)
        if tag == "a" and str(found.get("href", "")).startswith("#"):
            self.targets.append(str(found["href"])[1:])
        for name in ("aria-labelledby", "aria-describedby"):
            self.targets += str(found.get(name) or "").split()
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.cells_without_scope += tag == "th" and "scope" not in found
        self.headings += tag == "h1"
        self.inline += "style" in found or tag == "style" or any(name.startswith("on") for name in found)

    def check(self) -> None:
        """One heading, no id twice, every control labelled, every table captioned, nothing inline, no dead target."""
        assert len(self.ids) == len(set(self.ids)), sorted({i for i in self.ids if self.ids.count(i) > 1})
        assert [control for control in self.controls if control.get("id") not in self.labels] == []
        assert [target for target in self.targets if target not in self.ids] == []
        assert self.tables == self.captions
        assert (self.cells_without_scope, self.headings, self.inline) == (0, 1, 0)
