// Tasks for node-zendesk: lists, objects by id, writes, searches, exports, jobs and the Help Center.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { createClient } = require("node-zendesk");

const url = process.argv[2];
const settings = { username: "owner@example.com", token: "emulated", logger: silence() };
const core = createClient({ ...settings, endpointUri: `${url}/api/v2` });
const center = createClient({
  ...settings,
  apiType: ["helpcenter"],
  endpointUri: `${url}/api/v2/help_center`,
}).helpcenter;
const state = {};
const tasks = [];

function silence() {
  const nothing = () => {};
  return { fatal: nothing, error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing };
}

function task(name, run) {
  tasks.push([name, run]);
}

// Single objects come as `result`, or below their key.
function unwrap(response, key) {
  const value = response && response.result !== undefined ? response.result : response;
  return value && value[key] !== undefined ? value[key] : value;
}

async function rows(promise, key) {
  const value = unwrap(await promise, key);
  assert(Array.isArray(value), `no list: ${JSON.stringify(value).slice(0, 200)}`);
  return value;
}

async function finish(response) {
  const job = unwrap(response, "job_status");
  for (let n = 0; n < 100; n += 1) {
    const status = unwrap(await core.jobstatuses.show(job.id), "job_status");
    if (status.status === "completed") return status.results;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the job does not end");
}

for (const name of [
  ..."activitystream automations brand customagentroles dynamiccontent groupmemberships".split(" "),
  ..."groups jobstatuses locales macros organizationfields organizationmemberships".split(" "),
  ..."organizations policies requests satisfactionratings sessions".split(" "),
  ..."suspendedtickets tags targets ticketaudits ticketfields ticketforms ticketmetrics".split(" "),
  ..."tickets triggers userfields users views webhooks".split(" "),
]) {
  task(`${name}.list()`, async () => {
    const service = core[name];
    await (service.list || service.listItems).call(service);
  });
}
for (const name of ["articles", "categories", "sections", "usersegments", "articlelabels"]) {
  task(`helpcenter ${name}.list()`, async () => center[name].list());
}

task("every user and ticket of a list", async () => {
  assert((await rows(core.users.list(), "users")).length >= 400);
  assert((await rows(core.tickets.list(), "tickets")).length > 2000);
});
task("the user of the credentials", async () => {
  assert.equal(unwrap(await core.users.me(), "user").email, "owner@example.com");
});
task("tickets: create, show, update, comment, delete", async () => {
  const made = unwrap(
    await core.tickets.create({
      ticket: { subject: "Node", comment: { body: "Help" }, tags: ["a"] },
    }),
    "ticket",
  );
  assert.equal(unwrap(await core.tickets.show(made.id), "ticket").subject, "Node");
  await core.tickets.update(made.id, { ticket: { status: "open", comment: { body: "More" } } });
  const comments = await rows(core.tickets.getComments(made.id), "comments");
  assert.deepEqual(comments.map((comment) => comment.body), ["Help", "More"]);
  await core.tickets.addTags(made.id, { tags: ["b"] });
  await core.tickets.updateTags(made.id, { tags: ["c"] });
  assert.deepEqual(unwrap(await core.tickets.show(made.id), "ticket").tags, ["c"]);
  assert((await rows(core.tickets.exportAudit(made.id), "audits")).length >= 2);
  await core.tickets.listMetrics(made.id);
  await core.tickets.listCollaborators(made.id);
  await core.tickets.listIncidents(made.id);
  await core.tickets.delete(made.id);
});
task("tickets in bulk", async () => {
  const tickets = [1, 2, 3].map((n) => ({ subject: `Node ${n}`, comment: { body: "x" } }));
  const results = await finish(await core.tickets.createMany({ tickets }));
  const ids = results.map((result) => result.id);
  await finish(await core.tickets.updateMany(ids, { ticket: { priority: "high" } }));
  const shown = await rows(core.tickets.showMany(ids), "tickets");
  assert.deepEqual(shown.map((ticket) => ticket.priority), ["high", "high", "high"]);
  await core.tickets.merge(ids[0], { ids: [ids[1]], source_comment: "s", target_comment: "t" });
  await core.tickets.deleteMany([ids[2]]);
});
task("tickets of users and organizations", async () => {
  const ticket = unwrap(await core.tickets.show(2990), "ticket");
  assert((await rows(core.tickets.listByUserRequested(ticket.requester_id), "tickets")).length);
  await core.tickets.listByUserCCD(ticket.requester_id);
  await core.tickets.listAssigned(ticket.requester_id);
  await core.tickets.listRecent();
  const [organization] = await rows(core.organizations.list(), "organizations");
  await core.tickets.listByOrganization(organization.id);
});
task("exports of tickets", async () => {
  const start = Math.floor(Date.now() / 1000) - 7 * 86400;
  assert((await rows(core.tickets.incremental(start), "tickets")).length);
  await core.tickets.incrementalInclude(start, "users");
  await core.tickets.incrementalSample(start);
  await core.ticketevents.incremental(start);
});
task("users: create, update, identities, tags, merge, delete", async () => {
  const user = { name: "Node", email: "node@example.net" };
  const made = unwrap(await core.users.create({ user }), "user");
  await core.users.update(made.id, { user: { notes: "n" } });
  const again = unwrap(await core.users.createOrUpdate({ user }), "user");
  assert.equal(again.id, made.id);
  await core.users.addTags(made.id, ["x"]);
  await core.users.setTags(made.id, ["y"]);
  await core.users.listTags(made.id);
  await core.users.removeTags(made.id, ["y"]);
  await core.users.suspend(made.id);
  await core.users.unsuspend(made.id);
  const identity = { type: "email", value: "node2@example.net" };
  const added = unwrap(await core.useridentities.create(made.id, { identity }), "identity");
  await core.useridentities.verify(made.id, added.id);
  await core.useridentities.makePrimary(made.id, added.id);
  await core.useridentities.list(made.id);
  assert.equal((await rows(core.users.search({ query: "node2@example.net" }), "users")).length, 1);
  const twin = unwrap(await core.users.create({ user: { name: "T", email: "t@example.net" } }), "user");
  await core.users.merge(twin.id, made.id);
  await core.users.delete(made.id);
});
task("users in bulk", async () => {
  const users = [1, 2].map((n) => ({ name: `N ${n}`, email: `node-${n}@example.net` }));
  const results = await finish(await core.users.createMany({ users }));
  await finish(await core.users.createOrUpdateMany({ users }));
  const ids = results.map((result) => result.id);
  assert.equal((await rows(core.users.showMany(ids), "users")).length, 2);
  for (const id of ids) await core.users.delete(id);
});
task("users of groups, and exports of users", async () => {
  const [group] = await rows(core.groups.list(), "groups");
  await core.users.listByGroup(group.id);
  await core.users.listWithFilter("role", "agent");
  await core.users.incremental(1);
});
task("organizations", async () => {
  const organization = { name: "Node Inc", external_id: "node-1" };
  const made = unwrap(await core.organizations.create({ organization }), "organization");
  await core.organizations.update(made.id, { organization: { notes: "n" } });
  await core.organizations.related(made.id);
  await core.organizations.count();
  await core.organizations.search("node-1");
  await core.organizations.autocomplete({ name: "Node" });
  await core.organizations.showMany([made.id]);
  await core.organizations.showManyByExternalIds(["node-1"]);
  await core.organizations.createOrUpdate({ organization });
  await core.organizations.incremental(1);
  await core.organizations.delete(made.id);
});
task("groups and memberships", async () => {
  const made = unwrap(await core.groups.create({ group: { name: "Node" } }), "group");
  await core.groups.update(made.id, { group: { name: "Node 2" } });
  await core.groups.assignable();
  await core.groups.count();
  const [user] = await rows(core.users.listWithFilter("role", "agent"), "users");
  const member = unwrap(
    await core.groupmemberships.create({
      group_membership: { user_id: user.id, group_id: made.id },
    }),
    "group_membership",
  );
  await core.groupmemberships.listByUser(user.id);
  await core.groupmemberships.makeDefault(user.id, member.id);
  await core.groupmemberships.delete(member.id);
  await core.groups.delete(made.id);
});
task("searches", async () => {
  assert((await rows(core.search.query("type:ticket status:open"), "results")).length);
  assert((await rows(core.search.queryAll("type:user role:agent"), "results")).length);
  await core.search.showResultsCount("printer");
  await core.search.exportResults("printer", "ticket", 100);
});
task("rules: create, update, delete", async () => {
  const conditions = { all: [{ field: "status", operator: "is", value: "new" }], any: [] };
  const actions = [{ field: "priority", value: "high" }];
  const hours = {
    all: [
      { field: "status", operator: "is", value: "pending" },
      { field: "PENDING", operator: "is", value: "24" },
    ],
  };
  for (const [service, key, body] of [
    ["triggers", "trigger", { title: "Node", conditions, actions }],
    ["automations", "automation", { title: "Node", ...hours, actions: [{ field: "status", value: "open" }] }],
    ["macros", "macro", { title: "Node", actions }],
    ["views", "view", { title: "Node", all: conditions.all, output: { columns: ["status"] } }],
  ]) {
    const made = unwrap(await core[service].create({ [key]: body }), key);
    await core[service].update(made.id, { [key]: { title: "Node 2" } });
    await core[service].listActive();
    assert.equal(unwrap(await core[service].show(made.id), key).title, "Node 2");
    if (service === "macros") {
      await core.macros.apply(made.id);
      await core.macros.applyTicket(2990, made.id);
      await core.macros.categories();
    }
    // The method of views calls itself for ever.
    if (service !== "views") await core[service].delete(made.id);
  }
});
task("views: tickets, counts, preview", async () => {
  const [view] = await rows(core.views.list(), "views");
  await core.views.execute(view.id, {});
  await core.views.tickets(view.id);
  await core.views.showCount(view.id);
  await core.views.showCounts([view.id]);
  await core.views.listCompact();
  const all = [{ field: "status", operator: "is", value: "open" }];
  await core.views.preview({ view: { all, output: { columns: ["subject"] } } });
});
task("ticket fields and options", async () => {
  const field = { type: "tagger", title: "Node", custom_field_options: [{ name: "A", value: "node_a" }] };
  const made = unwrap(await core.ticketfields.create({ ticket_field: field }), "ticket_field");
  await core.ticketfields.update(made.id, { ticket_field: { title: "Node 2" } });
  await core.ticketfields.createOrUpdateOption(made.id, {
    custom_field_option: { name: "B", value: "node_b" },
  });
  const options = await rows(core.ticketfields.listOptions(made.id), "custom_field_options");
  await core.ticketfields.showOption(made.id, options[0].id);
  await core.ticketfields.deleteOption(made.id, options[0].id);
  await core.ticketfields.count();
  await core.ticketfields.delete(made.id);
});
task("webhooks", async () => {
  const webhook = {
    name: "Node",
    endpoint: "https://example.com/hook",
    http_method: "POST",
    request_format: "json",
    status: "inactive",
    subscriptions: ["conditional_ticket_events"],
  };
  const made = unwrap(await core.webhooks.create({ webhook }), "webhook");
  await core.webhooks.patch(made.id, { webhook: { name: "Node 2" } });
  await core.webhooks.update(made.id, { webhook: { ...webhook, name: "Node 3" } });
  assert.equal(unwrap(await core.webhooks.show(made.id), "webhook").name, "Node 3");
  await core.webhooks.listInvocations(made.id);
  await core.webhooks.getSigningSecret(made.id);
  await core.webhooks.delete(made.id);
});
task("requests", async () => {
  const request = { subject: "Node", comment: { body: "Please" } };
  const made = unwrap(await core.requests.create({ request }), "request");
  await core.requests.update(made.id, { request: { comment: { body: "More" } } });
  await core.requests.listComments(made.id);
  await core.requests.listOpen();
});
task("attachments", async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "node-")), "node.txt");
  fs.writeFileSync(file, "bytes");
  const options = { filename: "node.txt", binary: true };
  const upload = unwrap(await core.attachments.upload(file, options), "upload");
  fs.rmSync(path.dirname(file), { recursive: true });
  await core.attachments.show(upload.attachment.id);
  await core.attachments.deleteUpload(upload.token);
});
task("side conversations", async () => {
  const made = unwrap(
    await core.sideconversations.create(2990, {
      message: { subject: "Node", body: "Hello", to: [{ email: "third@example.net" }] },
    }),
    "side_conversation",
  );
  await core.sideconversations.reply(2990, made.id, {
    message: { body: "Again", to: [{ email: "third@example.net" }] },
  });
  await core.sideconversations.update(2990, made.id, { side_conversation: { state: "closed" } });
  await core.sideconversations.list(2990);
  await core.sideconversations.show(2990, made.id);
});
task("SLA policies", async () => {
  await core.policies.getDefinitions();
  const made = unwrap(
    await core.policies.create({
      sla_policy: {
        title: "Node",
        filter: { all: [{ field: "type", operator: "is", value: "incident" }], any: [] },
        policy_metrics: [
          { priority: "high", metric: "first_reply_time", target: 60, business_hours: false },
        ],
      },
    }),
    "sla_policy",
  );
  await core.policies.delete(made.id);
});
task("Help Center: categories, sections, articles, translations", async () => {
  const category = unwrap(
    await center.categories.create({ category: { name: "Node", locale: "en-us" } }),
    "category",
  );
  const section = unwrap(
    await center.sections.create(category.id, { section: { name: "Node", locale: "en-us" } }),
    "section",
  );
  const response = await fetch(`${url}/api/v2/guide/permission_groups`, {
    headers: { authorization: `Basic ${btoa("owner@example.com/token:emulated")}` },
  });
  const group = (await response.json()).permission_groups[0];
  state.article = unwrap(
    await center.articles.create(section.id, {
      article: { title: "Node", body: "x", locale: "en-us", permission_group_id: group.id, user_segment_id: null },
    }),
    "article",
  );
  await center.articles.update(state.article.id, { article: { promoted: true } });
  await center.articles.listBySection(section.id);
  await center.articles.listByCategory(category.id);
  await center.translations.listByArticle(state.article.id);
  await center.translations.updateForArticle(state.article.id, "en-us", {
    translation: { title: "Node 2" },
  });
  await center.translations.listLocales();
  await center.search.searchArticles("Node");
  await center.articles.delete(state.article.id);
  await center.sections.delete(section.id);
  await center.categories.delete(category.id);
});
task("a missing ticket is an error", async () => {
  await assert.rejects(core.tickets.show(99999999), /404/);
});

(async () => {
  for (const [name, run] of tasks) {
    let error = "";
    let trace = "";
    try {
      await run();
    } catch (raised) {
      error = `${raised.name}: ${raised.message}`.slice(0, 400);
      trace = `${raised.stack}\n${JSON.stringify(raised.result ?? "").slice(0, 500)}`;
    }
    console.log(JSON.stringify({ task: name, error, trace }));
  }
})();
