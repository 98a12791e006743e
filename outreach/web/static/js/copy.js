// Copy buttons: <button data-copy="id of the text" hidden>. They appear only where this script runs.
// The old command comes first: it works at once and everywhere, also in WeChat and over plain http, where the
// clipboard API is missing or asks and never answers. When both fail, the text is selected and the person is told
// to copy it by hand.
(function () {
  "use strict";

  function toast(words) {
    var place = document.getElementById("toasts");
    if (!place || !words) return;
    var line = document.createElement("p");
    line.className = "toast";
    line.textContent = words;
    place.replaceChildren(line);
    window.setTimeout(function () { line.remove(); }, 6000);
  }

  function select(node) {
    var range = document.createRange();
    range.selectNodeContents(node);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  function copyOldWay(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.readOnly = true;
    area.className = "sr";
    document.body.appendChild(area);
    area.select();
    area.setSelectionRange(0, text.length);
    var done = false;
    try { done = document.execCommand("copy"); } catch (error) { done = false; }
    area.remove();
    return done;
  }

  function copy(node) {
    var text = "value" in node ? node.value : node.textContent;
    if (copyOldWay(text)) return Promise.resolve(true);
    if (!navigator.clipboard || !window.isSecureContext) return Promise.resolve(false);
    return navigator.clipboard.writeText(text).then(
      function () { return true; },
      function () { return false; }
    );
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    var node = button && document.getElementById(button.dataset.copy);
    if (!node) return;
    var words = document.getElementById("toasts").dataset;
    copy(node).then(function (done) {
      if (!done) select(node);
      toast(done ? words.copied : words.select);
      if (done) button.focus();
    });
  });

  function show(root) {
    root.querySelectorAll("[data-copy][hidden]").forEach(function (button) { button.hidden = false; });
  }
  show(document);
  document.addEventListener("htmx:load", function (event) { show(event.target); });
})();
