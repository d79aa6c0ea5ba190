"""Pages as people read them, and the exact amounts that stand in them."""

import html
import re
from decimal import Decimal

from django.utils.html import strip_tags

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
_BLOCK_ENDS = re.compile(r"</(?:d[td]|t[dhr]|p|h\d|li|option)>")
_AMOUNT = re.compile(r'<data value="([^"]+)">([^<]*)</data>')


def read(client, address, **said):
    """The page's text without tags and line breaks."""
    answer = client.get(address, said, headers={"accept": BROWSER})
    assert answer.status_code == 200, answer.content
    return text_of(answer)


def text_of(answer):
    apart = _BLOCK_ENDS.sub(r"\g<0> ", answer.content.decode())
    return " ".join(html.unescape(strip_tags(apart)).split())


def amounts(answer):
    """Every amount of the page: exact, and as it is shown."""
    return [(Decimal(exact), shown) for exact, shown in _AMOUNT.findall(answer.content.decode())]


def rows(answer, number=0):
    """The cells of the body of the page's table, each as its text."""
    table = re.findall(r"<table.*?</table>", answer.content.decode(), re.DOTALL)[number]
    body = re.findall(r"<tbody.*?</tbody>", table, re.DOTALL)
    return [
        [_words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for part in body
        for row in re.findall(r"<tr.*?</tr>", part, re.DOTALL)
    ]


def _words(cell):
    return " ".join(html.unescape(strip_tags(cell.replace("<bdi", " <bdi"))).split())
