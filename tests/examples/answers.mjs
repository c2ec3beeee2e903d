// Answers calls, one JSON object a line on standard input, with one line each on standard output.
// A call names the artifacts `directory` and the clock `at`, or null for the machine's own.
import { createInterface } from "node:readline";
import { open, parseTime, UnknownArticle } from "../../examples/reader.mjs";

const readers = new Map();

function reader(directory, at) {
  const key = `${at} ${directory}`;
  const options = at === null ? {} : { clock: () => parseTime(at) };
  if (!readers.has(key)) readers.set(key, open(directory, options));
  return readers.get(key);
}

const calls = {
  related: (site, { id, n, exclude, missing }) => site.related(id, n, exclude, missing),
  page: (site, { id, exclude, missing }) => site.page(id, exclude, missing),
  next_for: (site, { history, n }) => site.next(history, n),
  ids: (site) => site.ids(),
  version: (site) => site.version,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { directory, at = null, call, ...input } = JSON.parse(line);
  let reply;
  try {
    reply = { answer: calls[call](reader(directory, at), input) };
  } catch (error) {
    reply = error instanceof UnknownArticle ? { answer: null } : { error: error.message };
  }
  console.log(JSON.stringify(reply));
}
