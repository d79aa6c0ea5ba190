"""Names that would do something if a page took them for more than text, and their company."""

import json
import re
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from billing_portal.tests import stored
from billing_portal.tests.kept import emptied
from billing_portal.tests.people import person
from billing_portal.tests.stored import FETCHED
from billing_portal.tokens import make_token
from collector.models import CollectionRun, QuarantinedRow
from costs.allocation import allocate_days
from costs.tests.ownership import center, cluster, environment, line, organization, rule, store, tag
from dimensions.models import BusinessUnit, Cluster, CostCenter, Environment

TODAY = "2026-11-12T09:00:00+00:00"
FIRST, LAST = date(2026, 10, 30), date(2026, 11, 8)
DAYS = {"start_date": "2026-10-30", "end_date": "2026-11-09"}
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "end of script": "</script><script>alert(2)</script>",
    "end of title": "</title></bdi></a><style>*{display:none}</style>",
    "quotes": """a" onclick="b' onload='c` d""",
    "comment": "<!-- ]]> --> <![CDATA[x",
    "entity": "&lt;b&gt; &amp;amp; &#39;",
    "template": "{{ 7|add:7 }}{% now 'Y' %}",
    "javascript": "javascript:alert(1)//",
    "formula": "=cmd|' /C calc'!A0",
    "at": "@SUM(A1)",
    "plus": "+1",
    "minus": "-1",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "two lines": "one\ntwo",
    "long": "W" * 300,
    "right to left": "\u202eevil \u0645\u0631\u062d\u0628\u0627",
    "emoji": "\U0001f996 \U0001f469\u200d\U0001f4bb",
    "marks": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f a\u0308",
    "address": "a/b?c=d&e#f%2F g+h;i",
    "slashes": "//evil.example/%2e%2e/",
    "percents": "100 % %25 %00 %",
}
# Names that do nothing, in the same places.
HARMLESS = {key: f"name-{number:02}" for number, key in enumerate(HOSTILE)}


def code(number):
    """As far as the pattern of codes lets one go."""
    return f"{number:02} R&D / Ops_1.x-{number}"


@pytest.fixture(scope="module")
def hostile_company(django_db_setup, django_db_blocker):
    """The company of hostile names, stored once for the tests of a file."""
    with django_db_blocker.unblock(), time_machine.travel(TODAY, tick=False):
        company(HOSTILE)
    yield
    emptied(django_db_blocker)


@transaction.atomic
def company(names):
    """Everything that may have a free name is called so, each of it once by each name."""
    owner = organization(names["script"])
    owner.name = owner.name_override = f"{names['image']}~"
    owner.save()
    lines = []
    for number, name in enumerate(names.values()):
        lines += _thing(number, name, owner)
        _account(number, name)
        _collected(name, owner)
    _organization_rule(names["end of script"], owner)
    other = organization(names["address"])
    other.name = names["quotes"]
    other.save()
    _shared_id(names["address"], other)
    allocate_days(owner, store(owner, *lines))
    allocate_days(other, store(other, line(3, day=FIRST, resource=names["address"])))
    return owner


def _thing(number, name, owner):
    """A resource, its environment, who pays for it and why; its bill lines, the first the most."""
    place, made = environment(name, of=owner), cluster(name, of=owner)
    said = {"name": name, "name_override": f"{name}~", "notes": name}
    Environment.objects.filter(pk=place.pk).update(**said)
    words = ("cluster_type", "capacity", "cloud_provider", "region", "availability", "status")
    Cluster.objects.filter(pk=made.pk).update(
        **said, **dict.fromkeys(words, name), env_id=name, parent_cluster_id=name,
        owner_principal=name,
    )  # fmt: skip
    center(code(number), f"BU {code(number)}")
    CostCenter.objects.filter(code=code(number)).update(name=name[:200])
    BusinessUnit.objects.filter(code=f"BU {code(number)}").update(name=name[:200])
    tag(made, name[:100], name[:200])
    rule(code(number), of=owner, cluster=made, notes=name)
    rule(code(number), of=owner, pattern=f"^{re.escape(name)}$")
    rule(code(number), of=owner, tagged=(name[:100], name[:200]), product=name[:200])
    rule(code(number), of=owner, environment=place, line_type=name[:200])
    return [_line(number, day, name) for day in (FIRST, LAST)]


def _line(number, day, name):
    amount = 100 - number + (number + 1) * (day == LAST)
    made = line(amount, name, day=day, resource=name, name=name, env=name)
    made.product = made.line_type = made.unit = made.network_access_type = name
    made.provider_id = made.granularity = name
    made.quantity, made.price, made.other_fields = 2, amount / 2, {name: name}
    return made


def _organization_rule(name, owner):
    rule(code(0), of=owner, product=name, line_type=name)


def _shared_id(name, other):
    """Two organizations have a resource and an environment of this id."""
    for made in (environment(name, of=other), cluster(name, of=other)):
        made.name = f"{name}~"
        made.save()


def _account(number, name):
    """The user is the one whose name begins so; user names have no more than 150 characters."""
    user = person(f"{name[:140]}{number}", "Viewer", "Operator")
    user.first_name, user.email = name[:150], f"{number}@example.test"
    user.save()
    user.groups.add(Group.objects.create(name=f"{name[:140]}{number}"))
    make_token(user, name=name[:100], scopes=["read"], days=3)


def _collected(name, owner):
    QuarantinedRow.objects.create(
        organization=owner, day=None, window_start=FIRST, window_end=LAST, reason=name,
        amount_text=name, raw=json.dumps({name: name}), raw_hash=uuid4(),
        first_fetched_at=FETCHED, fetched_at=FETCHED,
    )  # fmt: skip
    run = stored.run(of=owner)
    CollectionRun.objects.filter(pk=run.pk).update(
        state="failed", error=name, notices=[name, f"{name}~"], trigger=name[:30],
        requested_by=get_user_model().objects.latest("pk"),
    )  # fmt: skip


def user_of(names, key):
    number = list(names).index(key)
    return get_user_model().objects.get(email=f"{number}@example.test")
