// WeChat's browser can neither download .ics files nor open webcal: links. There such a link says how to
// open the page elsewhere and offers its address for copying; everywhere else it is an ordinary link.
(function () {
  "use strict";
  if (!/MicroMessenger/i.test(navigator.userAgent)) return;

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    if (!link || !(link.protocol === "webcal:" || /\.ics$/.test(link.pathname))) return;
    event.preventDefault();
    var old = document.querySelector(".wechat");
    if (old) old.remove();
    var note = document.getElementById("wechat-note").content.cloneNode(true);
    note.querySelector("#wechat-address").textContent = link.href;
    var place = link.closest("p, div, section") || link.parentNode;
    place.after(note);
    document.querySelector(".wechat").focus();
  });
})();
