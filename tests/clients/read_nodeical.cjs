// Fetches a calendar with node-ical from the address given; prints what it understood as JSON.
const ical = require("node-ical");
ical.async.fromURL(process.argv[2]).then((found) => {
  const events = Object.values(found).filter((one) => one.type === "VEVENT");
  console.log(JSON.stringify(events.map((one) => ({
    uid: one.uid, title: one.summary, place: one.location || "", start: one.start.toISOString(),
    end: one.end.toISOString(), state: one.status, alarms: (one.alarms || []).length,
  }))));
});
