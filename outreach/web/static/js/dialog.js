// What cannot be undone asks first. Without this script <details data-confirm> unfolds in place;
// with it, and where the browser knows <dialog>, the same form opens as a dialog.
(function () {
  "use strict";
  if (typeof HTMLDialogElement === "undefined") return;

  function upgrade(details) {
    var box = details.querySelector(".confirm-box");
    if (!box) return;
    var summary = details.querySelector("summary");
    var dialog = document.createElement("dialog");
    dialog.id = box.id;
    dialog.setAttribute("aria-labelledby", box.getAttribute("aria-labelledby"));
    dialog.append.apply(dialog, Array.from(box.childNodes));
    dialog.querySelectorAll("[data-close]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { dialog.close(); });
    });
    var opener = document.createElement("button");
    opener.type = "button";
    opener.className = summary.className;
    opener.append.apply(opener, Array.from(summary.childNodes));
    opener.setAttribute("aria-haspopup", "dialog");
    opener.addEventListener("click", function () { dialog.showModal(); });
    dialog.addEventListener("close", function () { opener.focus(); });
    var open = details.open;
    details.replaceWith(opener);
    document.body.appendChild(dialog);
    if (open) dialog.showModal();
  }

  function upgradeAll(root) {
    root.querySelectorAll("details[data-confirm]").forEach(upgrade);
  }
  upgradeAll(document);
  document.addEventListener("htmx:load", function (event) { upgradeAll(event.target); });
})();
