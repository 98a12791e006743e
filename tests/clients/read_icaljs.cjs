// Reads a calendar from standard input with ical.js in strict mode; prints what it understood as JSON.
const module_ = require("ical.js");
const ICAL = module_.default || module_;
const text = require("node:fs").readFileSync(0, "utf8");
ICAL.design.strict = true;
const calendar = new ICAL.Component(ICAL.parse(text));
const zones = calendar.getAllSubcomponents("vtimezone").map((one) => new ICAL.Timezone(one));
for (const zone of zones) ICAL.TimezoneService.register(zone.tzid, zone);
const moment = (time) => new Date(time.toUnixTime() * 1000).toISOString();
console.log(JSON.stringify(calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid, title: event.summary, place: event.location || "", start: moment(event.startDate),
    end: moment(event.endDate), state: component.getFirstPropertyValue("status"),
    alarms: component.getAllSubcomponents("valarm").length,
  };
})));
