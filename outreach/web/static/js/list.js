// 点名: taps on the list of a session's people, also without a network. Every tap is first written to the phone
// (IndexedDB, else localStorage, else memory) under a key of its own and then sent; sent twice it counts once. The server
// decides by its own clock and by what this phone had last seen; where others changed the same person meanwhile, the
// tap waits in a list of its own until somebody has looked. Without this script every button is a form.
(function () {
  "use strict";
  var root = document.getElementById("ticking");
  if (!root || !root.dataset.takes) return;

  var SESSION = root.dataset.session, PERSON = root.dataset.person, PAGE = location.pathname;
  var MOST = 200, EVERY = 20000, PATIENCE = 20000, CALM = 5000;
  var words = JSON.parse(root.dataset.words), store = window.outreachTaps;
  var list = document.getElementById("people"), line = document.getElementById("line");
  var issues = document.getElementById("issues"), search = document.getElementById("q");
  var adding = document.querySelector("#add form");
  var queue = [], sending = false, again = false, sent = false, state = "", size = MOST, refreshing = 0, kept = false;
  var replacing = "", last = 0, heard = 0;

  function say(text, facts) {
    return text.replace(/\{(\w+)\}/g, function (_all, name) { return facts[name]; });
  }

  function node(tag, kind, text) {
    var made = document.createElement(tag);
    if (kind) made.className = kind;
    if (text) made.textContent = text;
    return made;
  }

  function newKey() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    var bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    var hex = Array.from(bytes, function (one) { return (one + 256).toString(16).slice(1); }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  // ---- what is written to the phone

  function put(one) { return store.put(one); }

  function drop(one) {
    queue = queue.filter(function (other) { return other.key !== one.key; });
    return store.drop(one.key);
  }

  async function load() {
    var all = await store.all();
    queue = all.filter(function (one) { return one.person === PERSON; });
    queue.sort(function (a, b) { return a.place - b.place || (a.key < b.key ? -1 : 1); });
    queue.forEach(function (one) { last = Math.max(last, one.place); });
  }

  function waiting() { return queue.filter(function (one) { return !one.answer; }); }

  async function tap(given) {
    last += 1;
    var one = Object.assign({
      key: newKey(), session: SESSION, person: PERSON, on: root.dataset.on, place: last, tried: false, answer: null,
      attendee_id: null, name: "", unit: "", phone: "", seen_revision: null, reason: "",
      made_at: new Date().toISOString()
    }, given);
    await put(one);
    queue.push(one);
    paint();
    // What was never sent can be taken back on the phone alone. The clock tries all the same: browsers may be wrong.
    if (navigator.onLine) send();
  }

  // ---- what is shown

  function rowOf(id) { return document.getElementById("p-" + id); }
  function nameOf(row) { return row.querySelector(".name").textContent; }

  function deed(row, there, at, way) {
    var place = row.querySelector(".do");
    var title = node("span", "sr", "：" + nameOf(row));
    if (there) {
      var inside = node("span", "in", words.there + (at ? " " + at : ""));
      inside.appendChild(node("small", "", way));
      var undo = node("a", "undo", words.undo);
      undo.href = PAGE + "?on=" + root.dataset.on + "&undo=" + row.id.slice(2) + "#undo";
      undo.appendChild(title);
      place.replaceChildren(inside, undo);
    } else {
      var button = node("button", "btn tick", words.tick);
      button.name = "tick";
      button.value = row.id.slice(2) + ":" + row.dataset.rev;
      button.appendChild(title);
      place.replaceChildren(button);
    }
  }

  // The row as the server last told it; what waits is painted over it.
  function settle(told) {
    var row = rowOf(told.id);
    if (!row) return false;
    row.dataset.rev = told.revision;
    row.dataset.in = told.present ? "1" : "";
    row.dataset.at = told.checked_in_at ? told.checked_in_at.slice(11, 16) : "";
    row.dataset.way = words.ways[told.came_by] || "";
    delete row.dataset.painted;
    row.classList.remove("waits");
    deed(row, told.present, row.dataset.at, row.dataset.way);
    return true;
  }

  function paintRow(row, there, waits) {
    var wanted = (there ? "1" : "") + (waits ? "w" : "");
    var now = row.dataset.painted === undefined ? row.dataset.in : row.dataset.painted;
    if (wanted === now) return;
    row.dataset.painted = wanted;
    row.classList.toggle("waits", waits);
    deed(row, there, waits ? "" : row.dataset.at, waits ? words.waits : row.dataset.way);
  }

  // Somebody added, whom the server does not know yet.
  function newRow(one) {
    var row = node("li", "waits");
    var who = node("span");
    who.appendChild(node("span", "name", one.name));
    if (one.unit) who.appendChild(node("small", "", one.unit));
    var doing = node("span", "do"), inside = node("span", "in", words.there);
    inside.appendChild(node("small", "", words.waits));
    var undo = node("button", "plain undo", words.undo);
    undo.type = "button";
    undo.appendChild(node("span", "sr", "：" + one.name));
    undo.addEventListener("click", function () { untap(one); });
    doing.append(inside, undo);
    row.append(who, doing);
    row.dataset.added = one.key;
    return row;
  }

  // Only when they change: whoever is tapping must not have the row taken from under the finger.
  function paintAdded(added) {
    var old = Array.from(list.querySelectorAll("[data-added]")), keys = added.map(function (one) { return one.key; });
    if (String(old.map(function (row) { return row.dataset.added; })) === String(keys)) return;
    old.forEach(function (row) { row.remove(); });
    list.prepend.apply(list, added.map(newRow));
  }

  function here(one) { return one.session === SESSION && one.on === root.dataset.on; }

  function paint() {
    var over = {}, added = [];
    waiting().filter(here).forEach(function (one) {
      if (one.attendee_id) over[one.attendee_id] = one.present;
      else if (one.present) added.push(one);
      else added = added.filter(function (other) { return other.name !== one.name || other.unit !== one.unit; });
    });
    paintAdded(added);
    var present = Number(root.dataset.present) + added.length;
    Array.from(list.children).forEach(function (row) {
      if (row.dataset.added) return;
      var id = row.id.slice(2), was = row.dataset.base === "1";
      var there = id in over ? over[id] : row.dataset.in === "1";
      paintRow(row, there, id in over);
      present += Number(there) - Number(was);
    });
    var count = document.getElementById("present");
    if (count) count.textContent = present.toLocaleString("en");
    filter();
    paintIssues();
    paintLine();
  }

  function paintLine() {
    var n = waiting().length;
    var away = waiting().filter(function (one) { return one.session !== SESSION; }).length;
    var text = "";
    if (state === "login" || state === "other" || state === "gone") text = say(words[state], { n: n });
    else if (n && sending) text = say(words.sending, { n: n });
    else if (n && (state === "offline" || !navigator.onLine)) {
      text = say("serviceWorker" in navigator ? words.offline : words.offlineOpen, { n: n });
    } else if (n && state === "later") text = say(words.later, { n: n });
    else if (n) text = say(words.sending, { n: n });
    else if (state === "offline" || !navigator.onLine) text = words.kept;
    else if (sent) text = words.sent;
    else if (kept) text = words.ready;
    if (away && n > away) text += "。" + say(words.elsewhere, { n: away });
    line.textContent = text;
    line.classList.toggle("mind", n > 0);
    if (state === "login" || state === "other") {
      var link = node("a", "", words.loginLink);
      link.href = "/login?next=" + encodeURIComponent(PAGE);
      line.append("　", link);
    }
  }

  function wordsOf(one) {
    var row = one.attendee_id && rowOf(one.attendee_id), answer = one.answer, told = answer.attendee;
    var name = one.name || (row ? nameOf(row) : words.somebody);
    if (answer.outcome === "conflict") {
      if (one.present) return say(words.undone, { name: name });
      var at = told && told.present ? " " + told.checked_in_at.slice(11, 16) : "";
      return say(told && told.present ? words.changed : words.changedOut, { name: name, at: at });
    }
    var problem = answer.problem;
    var detail = problem.errors.map(function (each) { return each.message; }).join("") || problem.detail;
    return say(words.refused, { name: name, title: problem.title, detail: detail });
  }

  function button(text, deed) {
    var made = node("button", "btn", text);
    made.type = "button";
    made.addEventListener("click", deed);
    return made;
  }

  function paintIssues() {
    var open = queue.filter(function (one) { return one.answer; });
    var keys = String(open.map(function (one) { return one.key; }));
    if (issues.dataset.keys === keys) return;
    issues.dataset.keys = keys;
    issues.hidden = !open.length;
    issues.querySelector("ul").replaceChildren.apply(issues.querySelector("ul"), open.map(function (one) {
      var item = node("li"), acts = node("p", "acts");
      item.dataset.key = one.key;
      item.appendChild(node("span", "", wordsOf(one)));
      if (one.attendee_id || one.session !== SESSION) acts.appendChild(button(words.look, function () { look(one); }));
      acts.appendChild(button(words.again, function () { onceMore(one); }));
      acts.appendChild(button(words.drop, function () { drop(one).then(paint); }));
      item.appendChild(acts);
      return item;
    }));
  }

  function look(one) {
    if (!here(one)) {
      location.assign("/sessions/" + one.session + "/list?on=" + one.on);
      return;
    }
    search.value = "";
    filter();
    var row = rowOf(one.attendee_id);
    if (!row) return;
    list.querySelectorAll(".look").forEach(function (other) { other.classList.remove("look"); });
    row.classList.add("look");
    row.scrollIntoView({ block: "center" });
  }

  async function onceMore(one) {
    if (one.answer.problem && !one.attendee_id && here(one)) {
      // What was typed may be what was wrong: it stands in the form again, and the old one goes when it is sent.
      adding.elements.name.value = one.name;
      adding.elements.unit.value = one.unit;
      if (adding.elements.phone) adding.elements.phone.value = one.phone;
      replacing = one.key;
      openForm();
      return;
    }
    var told = one.answer.attendee;
    await drop(one);
    await tap({
      session: one.session, on: one.on, attendee_id: one.attendee_id, name: one.name, unit: one.unit, phone: one.phone,
      present: one.present, reason: one.reason, seen_revision: told ? told.revision : null
    });
  }

  // ---- taps

  async function untap(one) {
    if (!one.tried) { await drop(one); paint(); return; }
    // It may have arrived: only the server can take it back.
    await tap({ name: one.name, unit: one.unit, phone: one.phone, present: false, reason: words.usual });
  }

  function askWhy(row) {
    var open = row.querySelector("form");
    if (open) { open.remove(); return; }
    var form = node("form", "form"), field = node("div", "field"), label = node("label", "", words.reason);
    var input = node("input"), acts = node("p", "acts"), id = "why-" + row.id;
    input.id = label.htmlFor = id;
    input.maxLength = 200;
    input.value = words.usual;
    field.append(label, input);
    acts.append(node("button", "btn cut", words.undo), button(words.keep, function () { form.remove(); }));
    form.append(field, acts);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      form.remove();
      takeBack(row, input.value.trim() || words.usual);
    });
    row.appendChild(form);
    input.focus();
    input.select();
  }

  async function takeBack(row, reason) {
    var id = row.id.slice(2);
    var mine = waiting().filter(function (one) { return one.attendee_id === id; });
    var newest = mine[mine.length - 1];
    if (newest && newest.present && !newest.tried) { await drop(newest); paint(); return; }
    await tap({ attendee_id: id, present: false, seen_revision: Number(row.dataset.rev), reason: reason });
  }

  async function tick(row) {
    var id = row.id.slice(2);
    var mine = waiting().filter(function (one) { return one.attendee_id === id; });
    var newest = mine[mine.length - 1];
    if (newest && newest.present) return;
    if (newest && !newest.tried) { await drop(newest); paint(); return; }
    await tap({ attendee_id: id, present: true, seen_revision: Number(row.dataset.rev) });
  }

  document.getElementById("ticks").addEventListener("submit", function (event) {
    event.preventDefault();
  });

  list.addEventListener("click", function (event) {
    var target = event.target.closest("button.tick, a.undo");
    if (!target) return;
    event.preventDefault();
    var row = target.closest("li");
    if (target.classList.contains("tick")) tick(row);
    else askWhy(row);
  });

  function openForm() {
    var place = document.getElementById("add");
    place.open = true;
    place.scrollIntoView();
    adding.elements.name.focus();
  }

  document.getElementById("to-add").addEventListener("click", function (event) {
    event.preventDefault();
    openForm();
  });

  function digits(text) {
    var found = text.normalize("NFKC").replace(/[^0-9]/g, "");
    return found.length === 13 && found.indexOf("86") === 0 ? found.slice(2) : found;
  }

  function badPhone(text) {
    var number = digits(text);
    if (!text.trim()) return false;
    return number[0] === "1" ? number.length !== 11 : number.length < 7 || number.length > 12;
  }

  adding.addEventListener("submit", function (event) {
    event.preventDefault();
    var name = adding.elements.name.value.trim(), unit = adding.elements.unit.value.trim();
    var phone = adding.elements.phone ? adding.elements.phone.value.trim() : "";
    var wrong = !name ? words.noName : badPhone(phone) ? words.badPhone : "";
    document.getElementById("add-err").textContent = wrong;
    if (wrong) return;
    var old = queue.find(function (one) { return one.key === replacing; });
    replacing = "";
    adding.reset();
    document.getElementById("add").open = false;
    tap({ name: name, unit: unit, phone: phone, present: true }).then(function () {
      if (old) drop(old).then(paint);
    });
  });

  // ---- finding somebody

  function folded(text) { return text.normalize("NFKC").toLowerCase().replace(/\s/g, ""); }

  function filter() {
    var wanted = folded(search.value), shown = 0, none = document.getElementById("none");
    Array.from(list.children).forEach(function (row) {
      var fits = !wanted || folded(nameOf(row)).indexOf(wanted) >= 0 || (row.dataset.tail || "").indexOf(wanted) === 0;
      if (row.hidden === fits) row.hidden = !fits;
      shown += Number(fits);
    });
    if (!wanted) { none.hidden = list.children.length > 0; return; }
    none.hidden = shown > 0;
    if (shown) return;
    none.textContent = say(words.none, { q: search.value.trim() });
    none.append(" ", button(say(words.addThis, { q: search.value.trim() }), function () {
      adding.elements.name.value = search.value.trim();
      openForm();
    }));
  }

  search.addEventListener("input", filter);
  document.getElementById("find").hidden = !root.dataset.more;
  search.form.addEventListener("submit", function (event) {
    // Whoever is not on this page is found by the server only.
    if (!root.dataset.more) event.preventDefault();
  });

  // ---- sending

  function patiently(address, options) {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, PATIENCE);
    return fetch(address, Object.assign({ credentials: "same-origin", cache: "no-store", signal: stop.signal }, options))
      .finally(function () { clearTimeout(timer); });
  }

  function token() { return document.querySelector("#ticks [name=_csrf_token]").value; }

  function post(batch) {
    var given = {
      on: batch[0].on,
      ticks: batch.map(function (one) {
        return {
          key: one.key, attendee_id: one.attendee_id, name: one.name, unit: one.unit, phone: one.phone,
          present: one.present, seen_revision: one.seen_revision, made_at: one.made_at, reason: one.reason
        };
      })
    };
    return patiently("/api/v1/sessions/" + batch[0].session + "/ticks", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token() },
      body: JSON.stringify(given)
    });
  }

  // The page as the server shows it now; null: it shows none (state says why).
  async function fetched() {
    var response = await patiently(location.pathname + "?on=" + root.dataset.on, { headers: { Accept: "*/*" } });
    if (response.status === 401) { state = "login"; return null; }
    if (response.status === 403 || response.status === 404) { state = "gone"; return null; }
    if (!response.ok) { state = "later"; return null; }
    var page = new DOMParser().parseFromString(await response.text(), "text/html");
    var fresh = page.getElementById("ticking");
    if (!fresh || fresh.dataset.person !== PERSON) { state = "other"; return null; }
    return page;
  }

  function takeToken(page) {
    var fresh = page.querySelector("[name=_csrf_token]").value;
    document.querySelectorAll("[name=_csrf_token]").forEach(function (field) { field.value = fresh; });
  }

  // "sent", or why not: offline, later, login, gone, other; "split" when one of many cannot be read.
  async function deliver(batch) {
    var response;
    try {
      response = await post(batch);
      if (response.status === 403 && (await response.clone().json()).type === "/problems/csrf") {
        // A page from the phone, or a new login: its token is old.
        var page = await fetched();
        if (!page) return state;
        takeToken(page);
        response = await post(batch);
      }
    } catch (error) { return "offline"; }
    if (response.status === 401) return "login";
    if (response.status === 403 || response.status === 404) return "gone";
    if (response.status === 429 || response.status >= 500) return "later";
    var said;
    try { said = await response.json(); } catch (error) { return "later"; }
    if (response.status === 200) {
      for (var answer of said.ticks) await hear(batch.find(sameKey(answer.key)), answer);
      return "sent";
    }
    if (batch.length > 1) return "split";
    await hear(batch[0], { outcome: "refused", attendee: null, problem: {
      title: said.title, detail: said.detail || "", errors: said.errors || []
    } });
    return "sent";
  }

  function sameKey(key) { return function (one) { return one.key === key; }; }

  async function hear(one, answer) {
    heard += 1;
    var told = answer.attendee, known = told && one.session === SESSION && settle(told);
    if (answer.outcome === "done" || answer.outcome === "already") {
      await drop(one);
      if (told && !known) refreshing = refreshing || setTimeout(refresh, 0);
      for (var other of waiting()) {
        // What this phone did itself is no reason for a second look.
        if (told && other.attendee_id === told.id) { other.seen_revision = told.revision; await put(other); }
      }
    } else {
      one.answer = answer;
      await put(one);
    }
    sent = true;
  }

  async function send() {
    if (sending) { again = true; return; }
    sending = true;
    try {
      do {
        again = false;
        await load();
        for (var ready = waiting(); ready.length; ready = waiting()) {
          paint();
          var batch = ready.filter(function (one) {
            return one.session === ready[0].session && one.on === ready[0].on;
          }).slice(0, size);
          for (var one of batch) if (!one.tried) { one.tried = true; await put(one); }
          state = await deliver(batch);
          if (state === "split") { size = 1; continue; }
          if (["login", "gone", "other"].indexOf(state) >= 0) forgetPage();
          if (state !== "sent") return;
        }
        if (!kept && sent) keepPage();
        size = MOST;
        if (sent && !refreshing) refreshing = setTimeout(refresh, CALM);
      } while (again);
    } finally {
      sending = false;
      paint();
    }
  }

  // What others ticked meanwhile; and the page that the phone keeps is the newest.
  async function refresh() {
    refreshing = 0;
    var page, before = heard;
    try { page = await fetched(); } catch (error) { state = "offline"; }
    if (page) {
      if (["offline", "later", "login", "other", "gone"].indexOf(state) >= 0) state = "";
      takeToken(page);
      // Not over an answer that came meanwhile, nor over a form that somebody is filling in: the next time.
      if (!root.dataset.more && before === heard && !list.querySelector("li > form")) {
        root.dataset.present = page.getElementById("ticking").dataset.present;
        list.replaceChildren.apply(list, Array.from(page.getElementById("people").children));
        var expected = page.getElementById("expected"), shown = document.getElementById("expected");
        if (expected && shown) shown.textContent = expected.textContent;
        remember();
      }
    }
    paint();
  }

  // How each row came from the server.
  function remember() {
    Array.from(list.children).forEach(function (row) {
      if (row.dataset.added) return;
      var small = row.querySelector(".in small"), inside = row.querySelector(".in");
      row.dataset.base = row.dataset.in;
      row.dataset.at = inside ? inside.firstChild.textContent.replace(words.there, "").trim() : "";
      row.dataset.way = small ? small.textContent : "";
    });
  }

  // ---- the page on the phone

  function parts() {
    var found = Array.from(document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]"));
    return found.map(function (one) {
      var url = new URL(one.href || one.src);
      return url.pathname + url.search;
    });
  }

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.addEventListener("message", function (event) {
      kept = Boolean(event.data && event.data.kept);
      root.dataset.kept = kept ? "1" : "";
      paintLine();
    });
  }

  async function keepPage() {
    if (!("serviceWorker" in navigator)) return;
    try {
      await navigator.serviceWorker.register("/sessions/list-worker.js", { scope: PAGE });
      var ready = await navigator.serviceWorker.ready;
      ready.active.postMessage({ page: location.href, parts: parts() });
    } catch (error) { /* the queue works all the same while the page is open */ }
  }

  // Who logs out, or is no longer let in, leaves no names on the phone. What waits to be sent stays.
  function forgetPage() {
    kept = false;
    root.dataset.kept = "";
    if ("caches" in window) caches.delete("outreach-list:" + PAGE);
  }

  document.querySelectorAll("form[action='/logout']").forEach(function (form) {
    form.addEventListener("submit", forgetPage);
  });

  window.addEventListener("online", function () { state = ""; send(); });
  window.addEventListener("offline", function () { state = "offline"; paint(); });
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState !== "visible") return;
    send();
    if (!refreshing) refreshing = setTimeout(refresh, 0);
  });
  setInterval(function () { if (waiting().length) send(); }, EVERY);
  window.addEventListener("beforeunload", function (event) {
    if (!store.fleeting()) return;
    event.preventDefault();
    event.returnValue = "";
  });

  root.classList.add("scripted");
  remember();
  load().then(function () {
    paint();
    return send();
  }).then(function () {
    // A page that a worker handed out may be an old one.
    if ("serviceWorker" in navigator && navigator.serviceWorker.controller && !refreshing) return refresh();
    return undefined;
  });
  keepPage();
})();
