// Small conveniences of every page: errors get the focus, print buttons print, toasts go by themselves.
(function () {
  "use strict";
  var errors = document.querySelector("[data-focus]");
  if (errors) errors.focus();

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  var toast = document.querySelector(".toast-at .toast");
  if (toast) window.setTimeout(function () { toast.remove(); }, 8000);
})();
