// GER (Good Enough Recommendations), an engine for Node: events in, recommendations for a thing out.
// It keeps its events in memory here; beside that it knows PostgreSQL alone. What it and the replay
// say to each other is described in session.py; it is asked with the source alone.

const fs = require("node:fs");
const readline = require("node:readline");
const { performance } = require("node:perf_hooks");
const { GER, MemESM } = require("ger");

const PAUSE = 30n * 60n * 1_000_000n; // µs, as in session.py
const NEVER = "2100-01-01T00:00:00Z"; // an event is recommended until it expires
const KINDS = { "<i8": BigInt64Array, "<i4": Int32Array, "|b1": Uint8Array };

const engine = new GER(new MemESM());
const models = new Map();

/** Read a .npy file of one of KINDS: its values and its shape. */
function load(path) {
  const file = fs.readFileSync(path);
  const end = 10 + file.readUInt16LE(8);
  const header = file.toString("latin1", 10, end);
  const kind = KINDS[header.match(/'descr': '([^']+)'/)[1]];
  const shape = header.match(/'shape': \(([^)]*)\)/)[1].split(",").filter((n) => n.trim()).map(Number);
  const body = file.subarray(end);
  return { shape, values: new kind(body.buffer.slice(body.byteOffset, body.byteOffset + body.length)) };
}

/** Write int32[lines, n] as a .npy file. */
function save(path, values, lines, n) {
  const words = `{'descr': '<i4', 'fortran_order': False, 'shape': (${lines}, ${n}), }`;
  const header = words.padEnd(Math.ceil((words.length + 11) / 64) * 64 - 11) + "\n";
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 0, 0]);
  start.writeUInt16LE(header.length, 8);
  fs.writeFileSync(path, Buffer.concat([start, Buffer.from(header), Buffer.from(values.buffer)]));
}

/** Give the engine the views of a model, under a name of its own; the old ones go. */
async function fit({ model, setting, views, now }) {
  await engine.destroy_namespace(model);
  await engine.initialize_namespace(model);
  const { shape, values } = load(views);
  const n = shape[1];
  const visits = new Map(); // reader → number and last view of the visit
  const events = [];
  for (let at = 0; at < n; at++) {
    const [time, reader, article] = [values[at], values[n + at], values[2 * n + at]];
    const last = visits.get(reader);
    const number = last === undefined ? 0 : last.number + (time - last.time > PAUSE ? 1 : 0);
    visits.set(reader, { time, number });
    events.push({
      namespace: model,
      person: setting.unit === "visit" ? `${reader}/${number}` : `${reader}`,
      action: "view",
      thing: `${article}`,
      created_at: new Date(Number(time / 1000n)),
      expires_at: NEVER,
    });
  }
  await engine.events(events);
  models.set(model, { now: new Date(now / 1000), setting });
}

/** Ask for the things that go with each source, and list the eligible ones. */
async function lists({ model, asked, eligible, n, out }) {
  const { now, setting } = models.get(model);
  const { shape, values } = load(asked);
  const allowed = load(eligible).values;
  const found = new Int32Array(shape[0] * n).fill(-1);
  for (let line = 0; line < shape[0]; line++) {
    const source = values[line * shape[1]];
    const { recommendations } = await engine.recommendations_for_thing(model, `${source}`, {
      actions: { view: 1 },
      current_datetime: now,
      neighbourhood_size: 50,
      neighbourhood_search_size: setting.search,
    });
    const rows = recommendations.filter(({ weight }) => weight > 0).map(({ thing }) => Number(thing));
    const kept = rows.filter((row) => allowed[row] && row !== source).slice(0, n);
    found.set(kept, line * n);
  }
  save(out, found, shape[0], n);
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const begun = performance.now();
    await { fit, lists }[request.do](request);
    console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000 }));
  }
})();
