// The service worker of one list of people (点名), served as /sessions/list-worker.js and registered with the list's own
// address as its scope, so that it sees no other page. Network first; without a network the page as last seen.
// The page holds names: it goes when the server no longer shows it (logged out, forbidden, gone), when its time is up
// (X-Keep-Seconds, counted from when it was kept, so that the phone's date does not matter), and with it this worker.
"use strict";

var PREFIX = "outreach-list:";
var LIST = new URL(self.registration.scope).pathname;
var NAME = PREFIX + LIST;
var UNTIL = "X-Kept-Until";
// A hall's network often takes a request and never answers: after so long the kept page is better.
var PATIENCE = 8000;

self.addEventListener("install", function () { self.skipWaiting(); });

self.addEventListener("activate", function (event) {
  event.waitUntil(dropOld().then(function () { return self.clients.claim(); }));
});

self.addEventListener("fetch", function (event) {
  var url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === LIST) event.respondWith(list(event));
  else if (url.pathname.indexOf("/static/") === 0) event.respondWith(part(event.request));
});

// From the page, the first time: keep yourself, and these files that you are made of.
self.addEventListener("message", function (event) {
  if (!event.data || !event.data.parts) return;
  event.waitUntil(keepParts(event.data).then(function (kept) {
    if (event.source) event.source.postMessage({ kept: kept });
  }, function () { /* no network already: the next time */ }));
});

async function list(event) {
  var request = event.request;
  var navigating = request.mode === "navigate";
  var response;
  try {
    response = await (navigating ? patiently(request) : fetch(request));
  } catch (error) {
    var kept = navigating && await keptPage(request.url);
    if (kept) return kept;
    throw error;
  }
  if (response.status >= 500 && navigating) return await keptPage(request.url) || response;
  if (refused(response)) await leave();
  else if (response.status === 200) event.waitUntil(keepPage(request.url, response.clone()));
  return response;
}

function patiently(request) {
  return keptPage(request.url).then(function (kept) {
    if (!kept) return fetch(request);
    return new Promise(function (resolve, reject) {
      self.setTimeout(function () { reject(new TypeError("slow")); }, PATIENCE);
      fetch(request).then(resolve, reject);
    });
  });
}

function refused(response) {
  return response.type === "opaqueredirect" || response.redirected || [401, 403, 404].indexOf(response.status) >= 0;
}

// Forget the page and end: the page itself registers again when it is shown again.
async function leave() {
  await caches.delete(NAME);
  await self.registration.unregister();
}

// One page for each day; what somebody searched for or was about to take back is not kept.
function address(text) {
  var url = new URL(text);
  if (url.searchParams.get("q") || url.searchParams.get("undo")) return null;
  return LIST + (url.searchParams.get("on") ? "?on=" + url.searchParams.get("on") : "");
}

async function keepPage(text, response) {
  var seconds = Number(response.headers.get("X-Keep-Seconds")) || 0;
  var key = address(text);
  if (!seconds) return leave();
  if (!key) return undefined;
  var headers = new Headers();
  ["Content-Type", "Content-Security-Policy", "Referrer-Policy", "X-Frame-Options", "X-Content-Type-Options"]
    .forEach(function (name) { if (response.headers.has(name)) headers.set(name, response.headers.get(name)); });
  headers.set(UNTIL, String(Date.now() + seconds * 1000));
  var cache = await caches.open(NAME);
  return cache.put(key, new Response(await response.blob(), { status: 200, headers: headers }));
}

async function keptPage(text) {
  if (!await caches.has(NAME)) return undefined;
  var cache = await caches.open(NAME);
  var wanted = new URL(text).searchParams.get("on");
  var kept = await cache.match(LIST + (wanted ? "?on=" + wanted : "")) || await cache.match(LIST);
  if (!kept) return undefined;
  if (Number(kept.headers.get(UNTIL)) > Date.now()) return kept;
  await leave();
  return undefined;
}

async function part(request) {
  var kept = await caches.has(NAME) && await (await caches.open(NAME)).match(request);
  return kept || fetch(request);
}

async function keepParts(given) {
  var cache = await caches.open(NAME), old = [], there = [];
  for (var request of await cache.keys()) {
    var url = new URL(request.url);
    if (url.pathname === LIST) continue;
    (given.parts.indexOf(url.pathname + url.search) < 0 ? old : there).push(url.pathname + url.search);
  }
  await cache.addAll(given.parts.filter(function (one) { return there.indexOf(one) < 0; }));
  for (var one of old) await cache.delete(one);
  var page = address(given.page) || LIST;
  if (await cache.match(page)) return true;
  var response = await fetch(page, { credentials: "same-origin", redirect: "manual" });
  if (refused(response)) await leave();
  else if (response.status === 200) await keepPage(new URL(page, self.location.href).href, response);
  return Boolean(await cache.match(page));
}

// Pages of other lists whose time is up.
async function dropOld() {
  for (var name of await caches.keys()) {
    if (name.indexOf(PREFIX) !== 0) continue;
    var cache = await caches.open(name);
    for (var request of await cache.keys()) {
      var until = (await cache.match(request)).headers.get(UNTIL);
      if (until && Number(until) <= Date.now()) { await caches.delete(name); break; }
    }
  }
}
