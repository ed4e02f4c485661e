"""Programs whose scopes are derived from their source; the tests also run them."""

from __future__ import annotations


PROGRAMS = {
    "one ticket": """
from zendesk_orm import Ticket

ticket = Ticket.objects.get(1)
print(ticket.subject)
""",
    "a list": """
import zendesk_orm as z

for user in z.User.objects.all()[:3]:
    print(user.name)
""",
    "a loop that follows relations": """
from zendesk_orm import Ticket

for ticket in Ticket.objects.fresh()[:5]:
    if ticket.organization:
        print(ticket.requester.name, ticket.organization.name, ticket.group and ticket.group.name)
""",
    "fields of a dataclass": """
from dataclasses import dataclass
from typing import NamedTuple

from zendesk_orm import Organization, Ticket


@dataclass
class Row:
    ticket: Ticket
    organization: Organization | None


class Pair(NamedTuple):
    row: Row
    name: str


for ticket in Ticket.objects.fresh()[:2]:
    pair = Pair(Row(ticket, organization=ticket.organization), "a")
    print(pair.row.organization and pair.row.organization.name, pair.row.ticket.group)
""",
    "side-loads": """
from zendesk_orm import Ticket as T

rows = T.objects.fresh().select_related("requester", "brand")
print([(each.requester.name, each.brand and each.brand.name) for each in rows[:4]])
""",
    "relations to many": """
from zendesk_orm import Organization, User

organization = Organization.objects.all()[0]
for ticket in organization.tickets.fresh()[:2]:
    for comment in ticket.comments.all():
        print(comment.author.name)
user = User.objects.all()[0]
print(user.requested_tickets.fresh().count(), [each.name for each in user.groups.all()])
""",
    "changes": """
from zendesk_orm import Comment, Organization, Ticket

ticket = Ticket.objects.create(subject="A", comment=Comment(body="x", public=False))
ticket.priority = "high"
ticket.save()
ticket.comments.create(body="y", public=False)
ticket.tags.add("seen")
ticket.refresh_from_db()
ticket.delete()
made, created = Organization.objects.get_or_create(name="New one")
Organization.objects.update_or_create(name="New one", defaults={"notes": "x"})
made.delete()
""",
    "many at once": """
from zendesk_orm import Comment, Ticket

tickets = [Ticket(subject=str(n), comment=Comment(body="x", public=False)) for n in range(3)]
result = Ticket.objects.bulk_create(tickets)
for outcome in result:
    print(outcome)
Ticket.objects.filter(id__in=[each.id for each in tickets]).update(priority="low")
Ticket.objects.filter(id__in=[each.id for each in tickets]).delete()
""",
    "a batch": """
from zendesk_orm import Group, connections

account = connections["default"]
with account.batch():
    for group in Group.objects.all():
        group.description = "x"
        group.save()
""",
    "users": """
from zendesk_orm import User

me = User.objects.me()
print(me.name, me.organization and me.organization.name)
user, _ = User.objects.update_or_create(email="new@example.com", defaults={"name": "New"})
user.suspend()
print([each.value for each in user.identities.all()])
print(User.objects.filter(role="agent").count())
""",
    "in functions": """
from __future__ import annotations
from zendesk_orm import QuerySet, Ticket, User


def waiting():
    return Ticket.objects.fresh()


def first(rows, number=2):
    return rows[:number]


def names(tickets):
    for ticket in tickets:
        yield ticket.requester


def tell(user: User) -> str:
    return user.organization.name if user.organization else ""


def main():
    print([tell(each) for each in names(first(waiting()))])


if __name__ in ("__main__", "program"):
    main()
""",
    "in classes": """
from zendesk_orm import Group, QuerySet, Ticket


class Words(QuerySet[Ticket]):
    def unsolved(self):
        return self.fresh()

    def top(self):
        return self.unsolved()[:2]


class Mine(Ticket):
    '''A ticket of mine.'''

    objects = Words.as_manager()

    @property
    def team(self):
        return self.group.name if self.group else None


class Report:
    def __init__(self, rows):
        self.rows = rows
        self.groups = Group.objects.all()

    def run(self):
        return [each.team for each in self.rows], len(self.groups)


print(Report(Mine.objects.top()).run())
""",
    "aliases, lambdas and dispatch": """
from functools import partial
from zendesk_orm import Brand, Group, Organization, Ticket, User

get = Ticket.objects.get
one = get(1)
jobs = {"users": lambda: list(User.objects.all()[:1]), "groups": Group.objects.count}
for job in jobs.values():
    job()
models = [Organization, Brand]
for model in models:
    print(model.objects.first())
print(getattr(one, "requester").name)
print(sorted(Ticket.objects.fresh()[:3], key=lambda t: t.assignee.name if t.assignee else ""))
read = partial(Ticket.objects.filter, id=2)
print(list(map(lambda t: t.group, Ticket.objects.filter(id__in=[1, 2, 3]))))
if (found := Ticket.objects.filter(external_id="none").fresh().first()) is not None:
    print(found.organization.name)
""",
    "branches": """
from zendesk_orm import Group, Ticket, User

kind = "users"
if kind == "users":
    rows = User.objects.all()
elif kind == "groups":
    rows = Group.objects.all()
else:
    rows = []
for row in rows[:2]:
    print(row.name)
last = None
for ticket in Ticket.objects.fresh()[:3]:
    if last is not None:
        print(last.submitter.name)
    last = ticket
try:
    Ticket.objects.get(999_999_999_999)
except Ticket.DoesNotExist:
    print(Group.objects.exists())
""",
    "prefetching": """
from zendesk_orm import Organization, Prefetch, Ticket, User, prefetch_related_objects

for ticket in Ticket.objects.fresh().prefetch_related("requester", "comments")[:3]:
    print(ticket.requester.name, len(ticket.comments.all()))
opened = Prefetch("assigned_tickets", Ticket.objects.filter(status="open"), to_attr="opened")
for agent in User.objects.filter(role="agent").prefetch_related(opened):
    print(len(agent.opened))
some = list(Organization.objects.all()[:2])
prefetch_related_objects(some, "group")
""",
    "sums and counts": """
from zendesk_orm import Count, Max, Min, Ticket, User

print(Ticket.objects.fresh().count(), User.objects.count())
rows = Ticket.objects.filter(status="open")
print(rows.aggregate(Count("id"), oldest=Min("created_at"), newest=Max("updated_at")))
print(rows.order_by("created_at").first(), rows.latest("created_at"), rows.earliest())
print(rows.filter(id__in=[1, 2]).exists(), Ticket.objects.in_bulk([1, 2]))
print(rows.values_list("requester__name", flat=True)[:2])
print(list(rows.values_list("requester__name", flat=True)[:2]))
""",
    "alternatives and queries inside": """
from zendesk_orm import Organization, Q, Ticket, User

some = Q(priority="urgent") | Q(tags="vip")
print(len(Ticket.objects.filter(some & ~Q(status="closed"))[:3]))
agents = User.objects.filter(role="agent")
print(len(Ticket.objects.filter(assignee__in=agents)[:3]))
print(len(Ticket.objects.filter(organization__name="none")))
both = Ticket.objects.filter(status="new") | Ticket.objects.filter(status="open")
print(both[:2], list(both[:2]))
""",
    "values that are not known": """
import os
from datetime import datetime, timedelta, timezone
from zendesk_orm import Group, Ticket, User

number = int(os.environ.get("NUMBER", "1"))
since = datetime.now(timezone.utc) - timedelta(days=number)
status = os.environ.get("STATUS", "new")
print(Ticket.objects.filter(status=status, created_after=since, priority=None).count())
print(Ticket.objects.get(number).subject)
ids = [number, number + 1]
print(len(User.objects.filter(id__in=ids)))
for ticket in Ticket.objects.fresh().order_by("-id")[:number]:
    print(ticket.group)
    ticket.group_id = Group.objects.get(name="Hardware").id
""",
    "deletions and actions": """
from zendesk_orm import Comment, Ticket

first, second = (
    Ticket.objects.create(subject=each, comment=Comment(body=each, public=False)) for each in "ab"
)
first.merge(second, comment="same")
print(first.status, second.status)
first.delete()
first.restore()
print(first.subject)
for audit in second.audits.all()[:1]:
    print(audit.author_id)
""",
    "members": """
from zendesk_orm import Group, Ticket, User

ticket = Ticket.objects.fresh()[0]
agent = User.objects.filter(role="agent").first()
ticket.followers.add(agent)
print([each.name for each in ticket.followers])
ticket.tags.set(["a", "b"])
group = Group.objects.create(name="Temporary")
group.users.add(agent)
print([each.name for each in group.users.all()])
group.users.remove(agent)
group.delete()
""",
    "raw calls": """
from zendesk_orm import connections

account = connections["default"]
print(account.raw.get("/api/v2/groups")["groups"])
for row in account.raw.rows("/api/v2/organizations.json", "organizations"):
    print(row["name"])
account.raw.post("/api/v2/groups", {"group": {"name": "Raw"}})
""",
    "search of everything": """
from zendesk_orm import connections

for row in connections["default"].search("printer")[:3]:
    print(row)
""",
    "receivers": """
from zendesk_orm import Comment, Ticket, post_save, pre_save, receiver


@receiver(post_save, sender=Ticket)
def saved(sender, instance, created, **kwargs):
    print(instance.requester.name)
    if created:
        instance.comments.create(body="hello", public=False)


ticket = Ticket.objects.filter(status="open").fresh().scan()[0]
Ticket.objects.create(subject="A", requester=ticket.requester, comment=Comment(body="x"))
""",
    "asynchronous": """
import asyncio
from zendesk_orm import Comment, Organization, Ticket, User


async def main():
    ticket = await Ticket.objects.fresh().filter(status="open").scan().afirst()
    ticket.subject = "New"
    await ticket.asave()
    async for user in User.objects.all()[:2]:
        print(user.name)
    print(await Organization.objects.acount(), await Organization.objects.afirst())


asyncio.run(main())
""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor
from zendesk_orm import Ticket


def owner(ticket):
    return ticket.submitter.name


with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(owner, Ticket.objects.fresh()[:2])))
""",
    "dictionaries and tuples": """
from collections import defaultdict
from zendesk_orm import Group, Ticket, User

by_group = defaultdict(list)
for number, ticket in enumerate(Ticket.objects.fresh()[:4]):
    by_group[ticket.group_id].append(ticket)
for group, tickets in by_group.items():
    print([each.requester.name for each in tickets])
pairs = list(zip(User.objects.all()[:2], Group.objects.all()[:2]))
for user, group in pairs:
    print(user.organization, group.name)
user, *others = [each for each in User.objects.all()[:3]]
print(user.default_group and user.default_group.name, {each.id: each for each in others})
""",
    "customs": """
from zendesk_orm import TicketField, Ticket

for field in TicketField.objects.all():
    print(field.title)
ticket = Ticket.objects.fresh()[0]
print(list(ticket.custom))
""",
    "help center": """
from zendesk_orm.help_center import Article, Category, Section

category = Category.objects.create(name="General", locale="en-us")
section = Section.objects.create(name="A", category=category, locale="en-us")
for each in Category.objects.all():
    print(each.name, [one.name for one in each.sections.all()])
section.name = "B"
print(Article.objects.count())
""",
    "suspended, views and the rest": """
from zendesk_orm import Macro, SlaPolicy, SuspendedTicket, Trigger, View, Webhook

print(list(View.objects.all()[:2]), list(Macro.objects.all()), list(Trigger.objects.all()))
print(list(Webhook.objects.all()), SuspendedTicket.objects.first(), list(SlaPolicy.objects.all()))
for view in View.objects.all()[:1]:
    print(list(view.tickets[:1]))
""",
}

#: Programs whose requests are hard to derive.
PROGRAMS |= {
    "starargs": """
from zendesk_orm import Ticket, User
def fetch(model, *args, **kw):
    return model.objects.get(*args, **kw)
print(fetch(Ticket, 1).subject, fetch(User, email="owner@example.com").name)
""",
    "recursion, closures": """
from zendesk_orm import Organization, Ticket
def walk(n, rows):
    if n == 0:
        return rows
    return walk(n - 1, rows.filter(id__in=[1,2,3]))
def make():
    def inner(t):
        return t.organization
    return inner
f = make()
for t in walk(3, Ticket.objects.all()):
    o = f(t)
    if o: print(o.name)
""",
    "decorators": """
import functools
from zendesk_orm import Ticket, User, Comment
def logged(fn):
    @functools.wraps(fn)
    def wrapper(*a, **k):
        print("x")
        return fn(*a, **k)
    return wrapper
@logged
def close(ticket):
    ticket.comment = Comment(body="bye", public=False)
    ticket.save()
    return ticket.requester
print(close(Ticket.objects.filter(status="open").fresh().scan()[0]).name)
""",
    "class attrs & inheritance": """
from zendesk_orm import Group, Organization, Ticket, User
class Base:
    model = None
    def rows(self):
        return self.model.objects.all()
    def run(self):
        for r in self.rows()[:1]:
            self.handle(r)
    def handle(self, row):
        print(row)
class Users(Base):
    model = User
    def handle(self, row):
        print(row.organization and row.organization.name)
class Groups(Base):
    model = Group
for cls in (Users, Groups):
    cls().run()
""",
    "dict of rows, comprehension nested": """
from zendesk_orm import Ticket, User
users = {u.id: u for u in User.objects.all()[:5]}
tickets = [t for t in Ticket.objects.fresh()[:5] if t.requester_id in users]
x = [c.author.name for t in Ticket.objects.fresh()[:2] for c in t.comments.all() if c.author]
print({u.name: u.organization and u.organization.name for u in users.values()})
""",
    "while, tuple swap, walrus": """
from zendesk_orm import Ticket
a, b = Ticket.objects.get(1), None
while a is not None:
    a, b = b, a
print(b.requester.name)
rows = iter(Ticket.objects.fresh()[:3])
while (t := next(rows, None)) is not None:
    print(t.submitter.name)
""",
    "module alias & getattr": """
import zendesk_orm
from zendesk_orm import support, help_center as hc
print(getattr(zendesk_orm, "Ticket").objects.get(1).subject)
print(support.Group.objects.count(), hc.Article.objects.count())
name = "objects"
print(getattr(support.User, name).first())
""",
    "generator pipeline": """
from zendesk_orm import Ticket
def source():
    yield from Ticket.objects.fresh().iterator()
def owners(tickets):
    for t in tickets:
        yield t, t.requester
for n, (t, u) in enumerate(owners(source())):
    print(u.email, t.group)
    if n > 2: break
""",
    "model manager passed": """
from zendesk_orm import Ticket, Q
def pick(manager, cond):
    return manager.filter(cond).fresh().scan()
rows = pick(Ticket.objects, Q(external_id="x"))
print(len(rows), bool(rows))
""",
    "proxy with filter": """
from typing import ClassVar
from zendesk_orm import Ticket, QuerySet
class Incident(Ticket):
    '''An incident.'''
    class Meta(Ticket.Meta):
        filter: ClassVar = {"type": "incident"}
print(Incident.objects.count(), Incident.objects.all()[:1])
for i in Incident.objects.all()[:1]: print(i.requester.name)
""",
    "context managers": """
from contextlib import ExitStack
from zendesk_orm import Ticket, User, connections, connect
account = connections["default"]
with account.session() as s:
    print(Ticket.objects.get(1).requester.name)
with account.dry_run(quiet=True):
    t = Ticket.objects.filter(status="open").fresh().scan()[0]
    t.priority = "low"
    t.save()
""",
    "batch of tickets": """
from zendesk_orm import Ticket, connections, User
account = connections["default"]
with account.batch() as batch:
    for t in Ticket.objects.filter(status="open").fresh().scan()[:3]:
        t.tags.append("x")
        t.save()
print(len(batch.result.failed))
""",
    "custom field": """
from zendesk_orm import Ticket, CustomField
class Mine(Ticket):
    '''Mine.'''
    plan = CustomField["str | None"]("Plan")
for m in Mine.objects.fresh()[:1]:
    try:
        print(m.plan)
    except Exception as e:
        print(e)
""",
    "delete rows & uploads": """
from zendesk_orm import Ticket, Upload, Comment
up = Upload.objects.upload(b"abc", "a.txt")
t = Ticket.objects.create(subject="f", comment=Comment(body="x", uploads=[up], public=False))
for c in t.comments.all():
    for a in c.attachments:
        print(a.read())
""",
    "bulk in a helper": """
from zendesk_orm import User
def load(rows, cls):
    made = [cls(**r) for r in rows]
    return cls.objects.bulk_create(made, update_conflicts=True, unique_fields=["email"])
print(load([{"name": "A", "email": "a1@example.com"}], User))
""",
    "jobs": """
from zendesk_orm import Ticket, Job, Comment
r = Ticket.objects.bulk_create([Ticket(subject="x", comment=Comment(body="y"))], wait=False)
r = r.wait()
print(Job.load(r.jobs[0].id).status)
""",
    "requests of the end user": """
from zendesk_orm import Request
for r in Request.objects.all()[:1]:
    print(r.subject, [c.body for c in r.comments.all()])
""",
    "conditional function": """
from zendesk_orm import Ticket, User, Organization
handlers = {"u": User.objects.count, "o": lambda: Organization.objects.count()}
def go(kind="u", handlers=handlers):
    return handlers[kind]()
print(go(), go("o"))
""",
    "organization things": """
from zendesk_orm import Organization, OrganizationMembership, User
o = Organization.objects.all()[0]
print([u.name for u in o.users.all()[:2]], o.count_related_objects())
for m in OrganizationMembership.objects.all()[:2]:
    print(m.user.name, m.organization.name)
""",
    "union": """
from zendesk_orm import Ticket
a = Ticket.objects.filter(id=1).union(Ticket.objects.filter(id=2))
print([t.id for t in a], 3 in [t.id for t in a], Ticket.objects.filter(id=1)[0] in a)
print(Ticket.objects.get(1) == Ticket.objects.filter(id=1).get())
""",
    "match": """
from zendesk_orm import Ticket, User
thing = Ticket.objects.get(1)
match thing:
    case Ticket() as t:
        print(t.requester.name)
    case User(name=n):
        print(n)
""",
    "global state": """
from zendesk_orm import Ticket
CACHE = {}
def get(pk):
    if pk not in CACHE:
        CACHE[pk] = Ticket.objects.get(pk)
    return CACHE[pk]
print(get(1).requester.name, get(1).brand.name if get(1).brand_id else "")
""",
    "f-strings, starred, conditional": """
from zendesk_orm import Ticket, User
first, *rest = Ticket.objects.fresh()[:3]
print(f"{first.requester.name} {[r.group.name if r.group else None for r in rest]}")
print(*[u.name for u in User.objects.all()[:2]], sep=f"{User.objects.count()}")
""",
    "async": """
import asyncio
from zendesk_orm import Organization, Ticket, User
async def one(pk):
    t = await Ticket.objects.aget(id=pk)
    return t
async def main():
    found = await asyncio.gather(*[one(n) for n in (1, 2)])
    print([t.subject for t in found])
    t = await Ticket.objects.fresh().afirst()
    users = [u async for u in User.objects.all()[:2]]
    print(users[0].name, await Organization.objects.acount())
    o = await Organization.objects.afirst()
    o.notes = "x"
    await o.asave()
asyncio.run(main())
""",
    "a dataclass & property chain": """
from dataclasses import dataclass, field
from zendesk_orm import Ticket, User
@dataclass
class Case:
    ticket: Ticket
    notes: list = field(default_factory=list)
    @property
    def owner(self) -> User:
        return self.ticket.requester
cases = [Case(t) for t in Ticket.objects.fresh()[:2]]
print([c.owner.name for c in cases], [c.ticket.group and c.ticket.group.name for c in cases])
""",
    "reassign in loop": """
from zendesk_orm import Ticket
t = Ticket.objects.get(1)
for _ in range(3):
    if t.problem_id is None:
        break
    t = t.problem
print(t.brand.name if t.brand_id else t.subject)
""",
    "inner functions w default args": """
from zendesk_orm import User, Organization
def find(model=Organization, **lookups):
    found = model.objects.filter(**lookups)
    return found[0] if found else None
print(find(id=1), find(User, id=1), find(User, **{"email": "owner@example.com"}))
""",
    "staticmethods, classmethods": """
from zendesk_orm import Ticket, Group
class Repo:
    source = Ticket
    @classmethod
    def load(cls, pk):
        return cls.source.objects.get(pk)
    @staticmethod
    def groups():
        return Group.objects.all()
print(Repo.load(1).requester.name, [g.name for g in Repo.groups()], Repo().load(2).subject)
""",
    "sets, dict views, nested data": """
from zendesk_orm import Ticket, User
data = {"a": {"rows": Ticket.objects.filter(id__in=[1, 2])}, "b": [User.objects.all()[:1]]}
for t in data["a"]["rows"]:
    print(t.assignee and t.assignee.name)
for rows in data["b"]:
    for u in rows:
        print(u.organization and u.organization.name)
seen = {t.requester for t in Ticket.objects.filter(id__in=[3, 4])}
print([u.name for u in seen])
k, v = list({"x": Ticket.objects.get(1)}.items())[0]
print(v.submitter.name)
""",
    "exceptions and finally": """
from zendesk_orm import Ticket, Group, User, NotFound
try:
    Ticket.objects.get(123456)
except Ticket.DoesNotExist as e:
    print(User.objects.first())
else:
    print(1)
finally:
    print(Group.objects.first())
""",
    "chained conditional": """
import sys
from zendesk_orm import Ticket, User, Organization
model = User if len(sys.argv) > 100 else Organization
rows = model.objects.all()
rows = rows.filter(id__in=[1, 2]) if rows else rows
print(len(rows))
print((Ticket.objects.filter(id=1).first() or Ticket.objects.get(2)).requester.name)
""",
    "operator & itertools": """
from operator import attrgetter
from itertools import chain, islice
from zendesk_orm import Ticket, User
for t in islice(chain(Ticket.objects.filter(id=1), Ticket.objects.filter(id=2)), 5):
    print(t.requester.name)
print(list(map(attrgetter("organization"), User.objects.all()[:1])))
""",
    "subclass of model with methods": """
from zendesk_orm import Ticket, Comment, QuerySet
class T(Ticket):
    '''T.'''
    def escalate(self):
        self.priority = "urgent"
        self.comment = Comment(body="x", public=False)
        return self.save()
    def boss(self):
        return self.assignee or self.submitter
for t in T.objects.filter(status="open").fresh().scan()[:1]:
    t.escalate()
    print(t.boss().name)
""",
    "lazy string annotation": """
from __future__ import annotations
from zendesk_orm import Ticket, QuerySet
def work(rows: QuerySet[Ticket]) -> None:
    for row in rows:
        handle(row)
def handle(row: Ticket) -> None:
    print(row.organization.name if row.organization else row.requester.name)
work(Ticket.objects.fresh()[:2])
""",
    "user things": """
from zendesk_orm import User, Organization
u = User.objects.filter(role="end-user").first()
print(u.count_related_objects(), [i.type for i in u.identities.all()])
print(u.requested_tickets.fresh().first())
u.tags.add("x")
print(User.objects.autocomplete("a"))
print([m.organization.name for m in u.organization_memberships.all()])
""",
    "group memberships": """
from zendesk_orm import GroupMembership, Group
for m in GroupMembership.objects.select_related("user", "group")[:2]:
    print(m.user.name, m.group.name)
g = Group.objects.all()[0]
print([m.user.name for m in g.memberships.all()] if hasattr(g, "memberships") else "")
""",
    "attachments": """
from zendesk_orm import Ticket, Attachment, Comment, Upload
up = Upload.objects.upload(b"abc", "a.txt")
t = Ticket.objects.create(subject="f", comment=Comment(body="x", uploads=[up], public=False))
c = t.comments.first()
a = c.attachments[0]
print(a.read(), Attachment.objects.get(a.id).file_name)
""",
    "custom objects": """
from zendesk_orm import CustomObject, CustomObjectRecord
for o in CustomObject.objects.all():
    print(o.title, [r.name for r in o.records.all()[:1]])
""",
    "global in function & nonlocal": """
from zendesk_orm import Ticket
rows = None
def load():
    global rows
    rows = Ticket.objects.fresh()[:2]
def show():
    for t in rows:
        print(t.requester.name)
load()
show()
""",
    "while with index": """
from zendesk_orm import Ticket
rows = list(Ticket.objects.fresh()[:3])
i = 0
while i < len(rows):
    print(rows[i].requester.name)
    i += 1
rows.sort(key=lambda t: t.group.name if t.group else "")
print(rows[-1].brand and rows[-1].brand.name, max(rows, key=lambda t: t.id).submitter.name)
""",
    "context manager class": """
from contextlib import contextmanager
from zendesk_orm import Ticket, Group, connections
@contextmanager
def unit():
    with connections["default"].session() as s:
        yield Ticket.objects
with unit() as tickets:
    print(tickets.get(1).requester.name)
class Ctx:
    def __enter__(self):
        return Group.objects.first()
    def __exit__(self, *a):
        Group.objects.count()
with Ctx() as g:
    g.name = "Z"
    g.save()
""",
    "dunder methods": """
from zendesk_orm import Ticket, User
class Box:
    def __init__(self, rows): self._rows = rows
    def __iter__(self): return iter(self._rows)
    def __getitem__(self, k): return self._rows[k]
    def __len__(self): return len(self._rows)
    def __call__(self): return User.objects.first()
b = Box(Ticket.objects.fresh()[:2])
for t in b: print(t.requester.name)
print(b[0].group, len(b), b().name)
""",
    "getters of Python": """
from operator import attrgetter, methodcaller
from zendesk_orm import Group, Ticket
name = attrgetter("requester.name")
print([name(t) for t in Ticket.objects.fresh()[:2]])
for g in map(methodcaller("refresh_from_db"), Group.objects.all()[:1]): print(g)
print(sorted(Ticket.objects.fresh()[:2], key=attrgetter("submitter.name")))
""",
    "a receiver that is connected": """
from zendesk_orm import Ticket, Comment, post_save
def saved(sender, instance, **kwargs):
    print(instance.requester.name)
post_save.connect(saved, sender=Ticket)
Ticket.objects.create(subject="q", comment=Comment(body="x", public=False))
""",
}
