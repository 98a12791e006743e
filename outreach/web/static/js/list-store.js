// Where taps on a list (点名) wait on the phone until they are sent: IndexedDB, else localStorage, else memory. A tap is
// an object with a key; written again under its key it takes the place of the old one.
(function () {
  "use strict";
  var memory = {};
  var LOCAL = "outreach-tap:";

  var local = {
    all: function () {
      var found = Object.values(memory);
      try {
        for (var n = 0; n < localStorage.length; n += 1) {
          var name = localStorage.key(n);
          if (name.indexOf(LOCAL) === 0) found.push(JSON.parse(localStorage.getItem(name)));
        }
      } catch (error) { /* memory alone */ }
      return Promise.resolve(found);
    },
    put: function (one) {
      try { localStorage.setItem(LOCAL + one.key, JSON.stringify(one)); } catch (error) { memory[one.key] = one; }
      return Promise.resolve();
    },
    drop: function (key) {
      delete memory[key];
      try { localStorage.removeItem(LOCAL + key); } catch (error) { /* it was never there */ }
      return Promise.resolve();
    }
  };

  function opened(base) {
    function run(mode, deed) {
      return new Promise(function (resolve, reject) {
        var change = base.transaction("queue", mode, mode === "readwrite" ? { durability: "strict" } : undefined);
        var request = deed(change.objectStore("queue"));
        change.oncomplete = function () { resolve(request.result); };
        change.onerror = change.onabort = function () { reject(change.error); };
      });
    }
    return {
      all: function () { return run("readonly", function (store) { return store.getAll(); }); },
      put: function (one) { return run("readwrite", function (store) { return store.put(one); }); },
      drop: function (key) { return run("readwrite", function (store) { return store.delete(key); }); }
    };
  }

  var store = new Promise(function (resolve) {
    var request;
    try { request = indexedDB.open("outreach-list", 1); } catch (error) { resolve(local); return; }
    request.onupgradeneeded = function () { request.result.createObjectStore("queue", { keyPath: "key" }); };
    request.onsuccess = function () {
      request.result.onversionchange = function () { request.result.close(); };
      resolve(opened(request.result));
    };
    request.onerror = request.onblocked = function () { resolve(local); };
  });

  window.outreachTaps = {
    all: async function () {
      var found = await local.all(), base = await store, byKey = {};
      if (base !== local) try { found = found.concat(await base.all()); } catch (error) { /* the others */ }
      found.forEach(function (one) { byKey[one.key] = one; });
      return Object.values(byKey);
    },
    // Where the database refuses (full, private browsing) the tap is still kept, in the next best place.
    put: async function (one) {
      try { await (await store).put(one); } catch (error) { await local.put(one); }
    },
    drop: async function (key) {
      await local.drop(key);
      try { await (await store).drop(key); } catch (error) { /* sent again it counts once */ }
    },
    // Whether something is kept as long as the page stays open only.
    fleeting: function () { return Object.keys(memory).length > 0; }
  };
})();
