"""A page as a browser takes it apart: elements, attributes, links, scripts, and text."""

from html.parser import HTMLParser

EMPTY = {"meta", "link", "img", "input", "br", "wbr"}
LEADING = ("href", "src", "action", "hx-get")
# What turns round within these leaves what stands beside them as it is.
ISOLATED = {"bdi", "title", "option", "code"}
TURNS = "\u202e"
ISOLATES = "\u2068"


class Markup(HTMLParser):
    """elements: each kind of element with the names of its attributes. links: address and text.

    scripts: attributes and content. loose: texts that turn round what stands beside them. wrong:
    what no page of the portal has, an end without a beginning among it.
    """

    def __init__(self, content):
        super().__init__()
        self.elements, self.links, self.scripts = set(), [], []
        self.loose, self.wrong, self.words = [], [], ""
        self._open = []
        self.feed(content)
        self.close()
        self.wrong += [f"{tag} does not end" for tag in self._open]
        self.words = plain(self.words)

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        self.elements.add((tag, *sorted(said)))
        if len(said) < len(attrs):
            self.wrong.append(f"{tag} says an attribute twice")
        self.wrong += [f"{tag} {name}" for name in said if name.startswith("on") or name == "style"]
        self.wrong += [
            f"{tag} {name}={said[name]}"
            for name in LEADING
            if name in said and not said[name].startswith(("/", "?", "#"))
        ]
        if tag == "a":
            self.links.append([said.get("href", ""), ""])
        if tag == "script":
            self.scripts.append([said, ""])
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if self._open[-1:] == [tag]:
            self._open.pop()
        else:
            self.wrong.append(f"/{tag} ends nothing")

    def handle_data(self, data):
        if "script" in self._open:
            self.scripts[-1][1] += data
            return
        self.words += data
        if "a" in self._open:
            self.links[-1][1] += data
        if TURNS in data and ISOLATES not in data and not ISOLATED & set(self._open):
            self.loose.append(data)

    def handle_comment(self, data):
        self.wrong.append(f"comment {data}")

    def unknown_decl(self, data):
        self.wrong.append(f"declaration {data}")

    def handle_pi(self, data):
        self.wrong.append(f"instruction {data}")


def plain(text):
    """The text as a browser shows it: line ends and tabs are spaces."""
    return " ".join(text.split())


def markup_of(answer):
    return Markup(answer.content.decode())
