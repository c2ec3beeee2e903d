#!/usr/bin/env node
// A complete reader of ymal's artifacts for Node 18 and later, without packages. It was written
// only from docs/format.md, and follows the order of that page. Copy it, or port it to another
// language. Comments mark JavaScript's pitfalls, and rules that come from the page.
//
//     import { open } from "./reader.mjs";
//     const site = open("artifacts");
//     site.related("a001975", 5);  site.page("a001975");  site.next(["a000007", "a001975"]);
//
//     node reader.mjs DIR related ID [N] | page ID | all N   [--at TIME]

import * as fs from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Start of the years 1 and 10000, in microseconds since 1970: too large for exact Numbers.
const [FIRST, END] = [-62135596800000000n, 253402300800000000n];
const FALLBACKS = ["section", "popular", "latest"];

export class UnknownArticle extends Error {}

function fail(path, what) {
  throw new Error(`${path}: ${what}`);
}

// ---- Files ----

// Links and files that are too long or not regular are refused; opening a FIFO does not block.
function readBytes(path, maxBytes) {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const file = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = fs.fstatSync(file);
    if (!found.isFile()) fail(path, "not a regular file");
    if (found.size > maxBytes) fail(path, `more than ${maxBytes} bytes`);
    const bytes = new Uint8Array(found.size); // aligned, unlike buffers from Node's pool
    for (let at = 0; at < bytes.length; ) {
      const got = fs.readSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30), at);
      if (got === 0) fail(path, "became shorter");
      at += got;
    }
    return bytes;
  } finally {
    fs.closeSync(file);
  }
}

// A leading U+FEFF belongs to the string; by default, TextDecoder would remove it.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readObject(path, maxBytes) {
  const bytes = readBytes(path, maxBytes);
  try {
    const found = JSON.parse(utf8.decode(bytes));
    if (isObject(found)) return found;
    throw new SyntaxError("not an object");
  } catch (error) {
    return fail(path, error.message);
  }
}

// A value that changes with the file; "" if there is no file. Take it before reading the file.
function signature(path) {
  const found = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? [found.mtimeNs, found.ctimeNs, found.ino, found.size].join() : "";
}

// ---- The manifest ----

const isText = (value) => typeof value === "string";
const isName = (value) => isText(value) && value !== "";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const within = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
const listOf = (check) => (value) => Array.isArray(value) && value.every(check);

const areDistinct = (values) => new Set(values).size === values.length;

const isBlock = (block) =>
  isObject(block) && isText(block.key) && isText(block.title) && Number.isInteger(block.priority) &&
  isText(block.title_without_section ?? "") &&
  within(block.slots, 1, 100) && within(block.most, 1, block.slots);
const isFile = ([name, entry]) =>
  /^[0-9A-Za-z_]+\.npy$/.test(name) && isObject(entry) && isCount(entry.bytes) &&
  /^[0-9a-f]{64}$/.test(entry.sha256) && isText(entry.dtype) && listOf(isCount)(entry.shape);

const isReason = (ranking) =>
  isText(ranking.reason ?? "") && !ranking.reason !== !ranking.reasons; // exactly one of the two
const isArrayName = (name) => isText(name) && /^[0-9A-Za-z_]*$/.test(name);
const isRanking = (ranking) =>
  isObject(ranking) && Boolean(ranking.rows) && isReason(ranking) &&
  [ranking.rows, ranking.ends ?? "", ranking.reasons ?? ""].every(isArrayName);
const isFilling = (filling) =>
  isObject(filling) && listOf(isText)(filling.rankings) && filling.rankings.length > 0 &&
  typeof filling.skip_if_empty === "boolean" && isName(filling.pin_reason);
const objectOf = (check) => (value) => isObject(value) && Object.values(value).every(check);

// Defaults for a manifest without these fields.
const UNLISTED = {
  rankings: {
    section: { rows: "section_rows", ends: "section_ends", reason: "section" },
    popular: { rows: "popular", reason: "popular" },
    latest: { rows: "latest", reason: "latest" },
    section_latest: { rows: "section_latest_rows", ends: "section_latest_ends", reason: "latest" },
    weekly: { rows: "weekly", reason: "weekly" },
    must_reads: { rows: "must_reads", reasons: "must_read_reasons" },
  },
  blocks: {
    latest: { rankings: ["section_latest", "latest"], skip_if_empty: false, pin_reason: "pinned" },
    weekly: {
      rankings: ["weekly", "popular", "latest"], skip_if_empty: true, pin_reason: "pinned",
    },
    popular: { rankings: ["popular", "latest"], skip_if_empty: true, pin_reason: "pinned" },
    must_reads: {
      rankings: ["must_reads", "popular", "latest"], skip_if_empty: true, pin_reason: "picked",
    },
  },
};
const RELATED_FILLING = { rankings: [], skip_if_empty: false, pin_reason: "pinned" };

const FIELDS = {
  format: (value) => value === 2,
  requires: listOf((flag) => isText(flag) && Object.hasOwn(REQUIRED, flag)), // known flags
  optional: (value) => value === undefined || listOf(isText)(value),
  kind: (value) => value === "version",
  name: isText,
  files: (value) => isObject(value) && Object.entries(value).every(isFile),
  now: Number.isSafeInteger,
  reasons: (value) => listOf(isText)(value) && value.length <= 256,
  fallback: listOf(isText),
  page: (value) => listOf(isBlock)(value) && areDistinct(value.map(({ key }) => key)),
  rankings: objectOf(isRanking),
  blocks: objectOf(isFilling),
  why: objectOf(isText),
  why_without_section: objectOf(isText),
  not_from: listOf(isName),
  apart: listOf((pair) => listOf(isName)(pair) && pair.length === 2),
};

function readManifest(path, name) {
  const manifest = { ...UNLISTED, why_without_section: {}, ...readObject(path, 67108864) };
  for (const [field, holds] of Object.entries(FIELDS))
    if (!holds(manifest[field])) fail(path, `${field} is ${JSON.stringify(manifest[field])}`);
  if (manifest.name !== name) fail(path, `is that of ${manifest.name}`);
  // Maps, since an object has a "constructor". Additions of later releases are ignored.
  const rankings = (manifest.rankings = new Map(Object.entries(manifest.rankings)));
  const blocks = (manifest.blocks = new Map(Object.entries(manifest.blocks)));
  for (const [key, filling] of blocks)
    if (!filling.rankings.every((name) => rankings.has(name))) fail(path, `blocks: ${key}`);
  blocks.set("related", RELATED_FILLING);
  manifest.page = manifest.page.filter(({ key }) => blocks.has(key));
  manifest.fallback = manifest.fallback.filter((name) => FALLBACKS.includes(name));
  manifest.fallback = manifest.fallback.filter((name) => rankings.has(name));
  return manifest;
}

// ---- Arrays ----

const TYPES = {
  "|u1": Uint8Array, "<u4": Uint32Array, "<i4": Int32Array, "<i8": BigInt64Array,
  "<f4": Float32Array,
};
const ARRAYS = [ // name, dtype, length, and the array that offsets divide
  ["ids", "|u1"], ["id_ends", "<i8", "n+1", "ids"],
  ["titles", "|u1"], ["title_ends", "<i8", "n+1", "titles"],
  ["urls", "|u1"], ["url_ends", "<i8", "n+1", "urls"],
  ["section_names", "|u1"], ["section_name_ends", "<i8", "m+1", "section_names"],
  ["sections", "<i4", "n"], ["published", "<i8", "n"], ["events", "<i4", "n"],
  ["key_hashes", "<u4", "k"], ["key_rows", "<i4", "k"],
  ["list_ends", "<i8", "n+1", "list_items"],
  ["list_items", "<i4", "t"], ["list_scores", "<f4", "t"], ["list_reasons", "|u1", "t"],
];
const EXTRAS = [["extras", "|u1"], ["extra_ends", "<i8", "n+1", "extras"]]; // optional arrays
const arraysOf = ({ rows, ends, reasons }) => [
  [rows, "<i4"],
  ...(ends ? [[ends, "<i8", "m+1", rows]] : []),
  ...(reasons ? [[reasons, "|u1", rows]] : []), // one per row
];
const REQUIRED = { languages: ["languages", "<i4", "n"] }; // present with the flag of the same name

function readArray(path, entry, dtype) {
  if (entry?.dtype !== dtype || entry.shape.length !== 1) fail(path, `no entry of ${dtype}`);
  const bytes = readBytes(path, entry.bytes);
  const [start, [length]] = [10 + bytes[8] + 256 * bytes[9], entry.shape]; // NaN if too short
  const header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${length},), }`;
  const found = String.fromCharCode(...bytes.subarray(0, start));
  const magic = found.startsWith("\x93NUMPY\x01\x00");
  if (!magic || start % 64 || found.slice(10) !== `${header.padEnd(start - 11)}\n`)
    fail(path, `its header is not ${header}`);
  const end = start + length * TYPES[dtype].BYTES_PER_ELEMENT;
  if (end !== bytes.length || end !== entry.bytes) fail(path, "size and shape differ");
  return new TYPES[dtype](bytes.buffer, start, length);
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});
const crc32 = (bytes) =>
  ~bytes.reduce((crc, byte) => (crc >>> 8) ^ CRC[(crc ^ byte) & 255], -1) >>> 0;

// Files are read completely, since Node cannot map them and the version may be deleted later.
// Values are checked when they are used.
class Version {
  constructor(folder, name) {
    this.folder = folder;
    this.name = name;
    this.manifest = readManifest(join(folder, "manifest.json"), name);
    this.why = new Map(Object.entries(this.manifest.why)); // an object has a "constructor"
    this.whyWithoutSection = new Map(Object.entries(this.manifest.why_without_section));
    const a = (this.arrays = {});
    const arrays = [...ARRAYS, ...this.manifest.requires.map((flag) => REQUIRED[flag])];
    for (const ranking of this.manifest.rankings.values()) arrays.push(...arraysOf(ranking));
    if ("extras.npy" in this.manifest.files) arrays.push(...EXTRAS);
    for (const [array, dtype] of arrays) {
      const file = `${array}.npy`;
      a[array] = readArray(join(folder, file), this.manifest.files[file], dtype);
    }
    const [n, m, k] = [a.sections.length, a.section_name_ends.length - 1, a.key_hashes.length];
    const sizes = { n, "n+1": n + 1, "m+1": m + 1, k, t: a.list_items.length };
    if (k > n) this.damaged("key_hashes", "more known articles than articles");
    for (const [array, , values, divided] of arrays) {
      if (values && a[array].length !== (sizes[values] ?? a[values].length))
        this.damaged(array, "number of values");
      if (divided && (a[array][0] !== 0n || a[array].at(-1) !== BigInt(a[divided].length)))
        this.damaged(array, "ends");
    }
  }

  damaged(array, what) {
    fail(join(this.folder, `${array}.npy`), `damaged: ${what}`);
  }

  // The integer at an index; it must be in [low, end).
  value(array, index, end = this.arrays.sections.length, low = 0) {
    const value = this.arrays[array][index];
    if (!(value >= low && value < end)) this.damaged(array, `${value} at ${index}`);
    return value;
  }

  // Begin and end of part r of the array that `ends` divides.
  span(ends, r, divided) {
    const [from, to] = [Number(this.arrays[ends][r]), Number(this.arrays[ends][r + 1])];
    if (!(from >= 0 && from <= to && to <= this.arrays[divided].length))
      this.damaged(ends, `${from} and ${to} at ${r}`);
    return [from, to];
  }

  string(array, ends, r) {
    const bytes = this.arrays[array].subarray(...this.span(ends, r, array));
    try {
      return utf8.decode(bytes);
    } catch {
      return this.damaged(array, `string ${r} is not UTF-8`);
    }
  }

  id(row) {
    return this.string("ids", "id_ends", row);
  }

  section(row) {
    const section = this.value("sections", row, this.arrays.section_name_ends.length - 1, -1);
    return section < 0 ? "" : this.string("section_names", "section_name_ends", section);
  }

  // ISO 8601 in UTC, or null.
  published(row) {
    const time = this.arrays.published[row];
    if (time === 2n ** 63n - 1n) return null;
    if (time < FIRST || time >= END) this.damaged("published", `${time} at ${row}`);
    const fraction = ((time % 1000000n) + 1000000n) % 1000000n;
    const second = new Date(Number((time - fraction) / 1000n)).toISOString().slice(0, 19);
    return `${second}${fraction ? `.${String(fraction).padStart(6, "0")}` : ""}Z`;
  }

  // The row of a known article, or -1. In the hash, a lone surrogate becomes U+FFFD. Decoded ids
  // have no lone surrogates, so the comparison then fails.
  find(id) {
    const [hash, hashes] = [crc32(Buffer.from(id)), this.arrays.key_hashes];
    let [low, high] = [0, hashes.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (hashes[middle] < hash) low = middle + 1;
      else high = middle;
    }
    for (; hashes[low] === hash; low++) {
      const row = this.value("key_rows", low);
      if (this.id(row) === id) return row;
    }
    return -1;
  }

  reason(array, index) {
    return this.manifest.reasons[this.value(array, index, this.manifest.reasons.length)];
  }

  // Candidates are generated lazily: rankings may be long, and a list needs only a few.
  *listItems(row) {
    const [from, to] = row < 0 ? [0, 0] : this.span("list_ends", row, "list_items");
    for (let index = from; index < to; index++) {
      const [item, score] = [this.value("list_items", index), this.arrays.list_scores[index]];
      if (!(score >= 0 && score <= 1)) this.damaged("list_scores", `${score} at ${index}`);
      yield { row: item, score, reason: this.reason("list_reasons", index) };
    }
  }

  *ranking(name, row) {
    const { rows, ends, reasons, reason } = this.manifest.rankings.get(name);
    let [from, to] = [0, this.arrays[rows].length];
    if (ends) {
      const section = row < 0 ? -1 : this.arrays.sections[row];
      if (section < 0) return;
      [from, to] = this.span(ends, section, rows);
    }
    for (let index = from; index < to; index++) {
      const item = this.value(rows, index);
      const candidate = { row: item, score: null, reason };
      if (reasons) candidate.reason = this.reason(reasons, index);
      if (this.sharesLanguage(row, item)) yield candidate;
    }
  }

  // Whether the languages of two rows match; -1 matches every language.
  sharesLanguage(row, other) {
    const [one, two] = [row, other].map((row) => this.arrays.languages?.[row] ?? -1);
    return one === two || one === -1 || two === -1;
  }

  story({ row, score, reason }, rank) {
    const section = this.section(row);
    const title = this.string("titles", "title_ends", row);
    const url = this.string("urls", "url_ends", row);
    const text = this.why.get(reason) ?? "";
    const needsOther = text.includes("{section}") && !section;
    const other = needsOther ? this.whyWithoutSection.get(reason) : undefined;
    const why = fillIn(other ?? text, section);
    const published_at = this.published(row);
    const story = { id: this.id(row), title, url, section, published_at, rank, score, reason, why };
    const extra = this.arrays.extras ? this.extra(row) : {};
    return Object.keys(extra).length ? { ...story, extra } : story;
  }

  extra(row) {
    const text = this.string("extras", "extra_ends", row);
    try {
      const extra = text ? JSON.parse(text) : {};
      if (isObject(extra) && Object.values(extra).every(isText)) return extra;
    } catch {} // same error as for other invalid values
    return this.damaged("extras", `row ${row} is no object of texts`);
  }
}

// A function, since replaceAll would interpret `$&` in a replacement string.
const fillIn = (text, section) => text.replaceAll("{section}", () => section);

// ---- Overrides ----

const OUTER_SPACES = /^ +| +$/g;

const TIME =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?:(:\d\d)(\.\d{1,6})?)?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))?$/;

// Microseconds since 1970 UTC, as a BigInt.
export function parseTime(text) {
  const [, minute, seconds = ":00", fraction = ".", sign = "+", hours = 0, minutes = 0] =
    TIME.exec(text) ?? [];
  const second = minute + seconds;
  const date = new Date(`${second}Z`); // accepts 30 February, which the next line detects
  const real = !isNaN(date) && date.toISOString().startsWith(second);
  const zone = Number(`${sign}1`) * (hours * 60 + Number(minutes)) * 60000;
  const time = real ? BigInt(date - zone) * 1000n + BigInt(fraction.slice(1).padEnd(6, "0")) : END;
  if (time < FIRST || time >= END) throw new SyntaxError(`not a time: ${text}`);
  return time;
}

const TEXTS =
  ["id", "action", "story", "block", "article", "section", "from", "until", "when", "who", "why"];

// What two spellings of a section share.
const sectionKey = (name) =>
  name
    .replace(/[\t-\r \xa0\u2000-\u200a\u202f\u3000]+/g, " ")
    .replace(OUTER_SPACES, "")
    .toUpperCase()
    .toLowerCase();

function readOverride(entry, blocks) {
  const must = (holds, what) => {
    if (!holds) throw new SyntaxError(`${what} in ${JSON.stringify(entry)}`);
  };
  must(isObject(entry), "no fields");
  for (const [field, value] of Object.entries(entry))
    must(field === "slot" || (TEXTS.includes(field) && isText(value)), field);
  const { id, action, story, slot, block, article, section, from, until, when } = entry;
  must(isName(id) && isName(story) && article !== "" && section !== "", "an empty field");
  must(["pin", "ban", "withdraw"].includes(action), "action");
  must(action === "pin" ? within(slot, 1, 100) : slot === undefined, "slot");
  must(block === undefined || blocks.has(block), "block");
  must(article === undefined || section === undefined, "article and section");
  must(action !== "withdraw" || (block ?? article ?? section) === undefined, "block or page");
  if (when !== undefined) parseTime(when);
  const [start, end] = [from, until].map((time) => (time === undefined ? null : parseTime(time)));
  must(start === null || end === null || start < end, "from and until");
  const ofSection = section && `section ${sectionKey(section) || section}`; // a blank one: no page
  const scope = article ? `article ${article}` : (ofSection ?? "every");
  return { id, action, story, slot, block, scope, start, end };
}

function readOverrides(path, blocks) {
  const file = readObject(path, 16777216);
  const known = Object.keys(file).sort().join() === "format,overrides" && file.format === 1;
  if (!known || !Array.isArray(file.overrides)) fail(path, "not overrides of format 1");
  try {
    const overrides = file.overrides.map((entry) => readOverride(entry, blocks));
    if (!areDistinct(overrides.map(({ id }) => id))) throw new SyntaxError("two of one id");
    return overrides;
  } catch (error) {
    return fail(path, error.message);
  }
}

const EVERY_BLOCK = "*";

// The overrides in force in [start, end). They change only at times in the file, so requests need
// not rebuild the sets.
class ActiveOverrides {
  constructor(overrides, now) {
    [this.start, this.end] = [-(2n ** 63n), 2n ** 63n];
    this.withdrawn = new Set();
    this.banned = new Map(); // from block and scope to a set of ids
    this.pinned = new Map(); // from block and scope to a list of slots and ids, the newest first
    const part = (map, Kind, block, scope) => {
      const key = `${block} ${scope}`;
      if (!map.has(key)) map.set(key, new Kind());
      return map.get(key);
    };
    for (const { action, story, slot, block, scope, start, end } of overrides) {
      for (const time of [start, end]) {
        if (time !== null && time <= now && time > this.start) this.start = time;
        if (time !== null && time > now && time < this.end) this.end = time;
      }
      if ((start !== null && start > now) || (end !== null && end <= now)) continue;
      if (action === "withdraw") this.withdrawn.add(story);
      const pins = () => part(this.pinned, Array, block ?? "related", scope);
      if (action === "pin") pins().unshift([slot, story]);
      if (action !== "ban") continue;
      part(this.banned, Set, block ?? EVERY_BLOCK, scope).add(story);
    }
  }
}

// ---- Answers ----

// One requested page: its source, and the ids taken on it.
class Page {
  constructor(version, overrides, id, exclude, missing) {
    if (!["fallback", "empty", "error"].includes(missing)) throw new RangeError(`no ${missing}`);
    this.version = version;
    this.overrides = overrides;
    this.row = this.known(id);
    if (this.row < 0 && missing === "error") throw new UnknownArticle(`no article ${id}`);
    this.empty = this.row < 0 && missing === "empty";
    this.section = this.row < 0 ? "" : version.section(this.row);
    this.noRelated = version.manifest.not_from.includes(this.section);
    for (const one of [id, ...exclude]) if (!isText(one)) throw new TypeError(`no id: ${one}`);
    this.taken = new Set([id, ...exclude]);
    this.scopes = [`article ${id}`, `section ${sectionKey(this.section)}`, "every"]; // narrow first
    this.apart = new Set();
    for (const [one, other] of version.manifest.apart) {
      if (one === this.section) this.apart.add(other);
      if (other === this.section) this.apart.add(one);
    }
  }

  known(id) {
    return this.overrides.withdrawn.has(id) ? -1 : this.version.find(id);
  }

  *rankings(names) {
    for (const name of names) yield* this.version.ranking(name, this.row);
  }

  isEmpty(ranking) {
    return this.version.ranking(ranking, this.row).next().done;
  }

  *related() {
    yield* this.version.listItems(this.row);
    yield* this.rankings(this.version.manifest.fallback);
  }

  *nextFor(history) {
    const found = new Map(); // by row
    [...new Set(history.reverse())].slice(0, 10).forEach((id, index) => {
      let rank = 0;
      for (const item of this.version.listItems(this.known(id))) {
        if (!found.has(item.row)) found.set(item.row, { ...item, weight: 0 });
        found.get(item.row).weight += 0.5 ** index / (5 + ++rank);
      }
    });
    const items = [...found.values()];
    const kept = items.filter(({ row }) => this.version.sharesLanguage(this.row, row));
    yield* kept.sort((one, other) => other.weight - one.weight || one.row - other.row);
    yield* this.rankings(this.version.manifest.fallback);
  }
}

class Block {
  constructor(page, { key, slots, most }) {
    const filling = page.version.manifest.blocks.get(key);
    Object.assign(this, { page, key, slots, most, filling });
    this.pins = new Map(); // from slot to candidate
    this.chosen = [];
    this.events = new Set();
    this.sections = new Map(); // from name to number of stories
    const scopes = page.scopes.flatMap((scope) => [`${key} ${scope}`, `${EVERY_BLOCK} ${scope}`]);
    this.bans = scopes.map((scope) => page.overrides.banned.get(scope) ?? new Set());
    this.bans.push(page.taken, page.overrides.withdrawn);
  }

  isFree(id) {
    return !this.bans.some((ids) => ids.has(id));
  }

  take(id, row) {
    const section = this.page.version.section(row);
    this.page.taken.add(id);
    this.events.add(this.page.version.value("events", row));
    this.sections.set(section, (this.sections.get(section) ?? 0) + 1);
  }

  // Step 1: pins. Of several for a slot, the first that can stand has it: first those of the
  // narrower scope, of one scope the newest. (The sort is stable.)
  pin() {
    const { version, scopes } = this.page;
    const { pinned } = this.page.overrides;
    const pins = scopes.flatMap((scope) => pinned.get(`${this.key} ${scope}`) ?? []);
    for (const [slot, id] of pins.sort(([one], [other]) => one - other)) {
      const free = slot <= this.slots && !this.pins.has(slot) && this.isFree(id);
      const row = free ? version.find(id) : -1;
      if (row < 0 || !version.sharesLanguage(this.page.row, row)) continue;
      this.pins.set(slot, { row, score: null, reason: this.filling.pin_reason });
      this.take(id, row);
    }
  }

  // Steps 2 and 3: candidates, then those beyond the section limit.
  fill(candidates) {
    const { version, apart } = this.page;
    const [free, postponed] = [this.slots - this.pins.size, []];
    const maxPerSection = this.most < this.slots ? this.most : Infinity;
    const choose = (candidate, limit) => {
      const [id, section] = [version.id(candidate.row), version.section(candidate.row)];
      const sameEvent = this.events.has(version.value("events", candidate.row));
      if (sameEvent || !this.isFree(id) || apart.has(section)) return;
      if ((this.sections.get(section) ?? 0) >= limit) {
        postponed.push(candidate);
      } else {
        this.take(id, candidate.row);
        this.chosen.push(candidate);
      }
    };
    for (const [from, limit] of [[candidates, maxPerSection], [postponed, Infinity]]) {
      if (this.chosen.length >= free) return;
      for (const candidate of from) {
        choose(candidate, limit);
        if (this.chosen.length >= free) return;
      }
    }
  }

  // Step 4: the order.
  stories() {
    const [pins, chosen, ordered] = [[...this.pins], [...this.chosen], []];
    while (pins.length || chosen.length) {
      const pinned = pins.length && (pins[0][0] === ordered.length + 1 || !chosen.length);
      ordered.push(pinned ? pins.shift()[1] : chosen.shift());
    }
    return ordered.map((candidate, index) => this.page.version.story(candidate, index + 1));
  }
}

class Reader {
  constructor(directory, clock) {
    if (endianness() !== "LE") throw new Error("needs a little-endian machine");
    this.clock = clock;
    this.directory = directory;
    this.lastCheck = performance.now();
    this.loadVersion();
    this.files = ["overrides", "withdrawals"].map((name) => ({ name }));
    for (const file of this.files) {
      let refused = null;
      try {
        this.loadOverrides(file);
      } catch (error) {
        refused = error;
      }
      const lastGood = join(directory, `${file.name}.last-good.json`);
      if (!file.overrides && signature(lastGood)) file.overrides = this.readOverrides(lastGood);
      else if (refused) throw refused;
      file.overrides ??= [];
    }
  }

  loadVersion() {
    const path = join(this.directory, "current");
    const found = signature(path);
    if (found === this.pointerSignature) return;
    const name = Buffer.from(readBytes(path, 1024)).toString("latin1").replace(/\n$/, "");
    if (!/^[0-9A-Za-z][0-9A-Za-z_-]{0,245}$/.test(name)) fail(path, "holds no name of a version");
    const folder = join(this.directory, "versions", name);
    if (name !== this.loaded?.name) this.loaded = new Version(folder, name);
    this.pointerSignature = found;
  }

  loadOverrides(file) {
    const path = join(this.directory, `${file.name}.json`);
    const found = signature(path);
    if (found === file.signature) return;
    if (found) file.overrides = this.readOverrides(path); // if deleted, the last overrides stay
    file.signature = found;
    this.active = null;
  }

  readOverrides(path) {
    return readOverrides(path, this.loaded.manifest.blocks);
  }

  // At most once a second. An unusable file is ignored, and tried again at the next check.
  checkForChanges() {
    if (performance.now() - this.lastCheck < 1000) return;
    const loads = this.files.map((file) => () => this.loadOverrides(file));
    for (const load of [() => this.loadVersion(), ...loads])
      try {
        load();
      } catch {} // a site would log the error here
    this.lastCheck = performance.now();
  }

  get version() {
    this.checkForChanges();
    return this.loaded.name;
  }

  activeOverrides() {
    this.checkForChanges();
    const now = this.clock();
    if (!this.active || now < this.active.start || now >= this.active.end)
      this.active = new ActiveOverrides(this.files.flatMap((file) => file.overrides), now);
    return this.active;
  }

  // The ids of all known articles that are not withdrawn.
  ids() {
    const { withdrawn } = this.activeOverrides();
    const version = this.loaded;
    const rows = Array.from(version.arrays.key_rows, (_, at) => version.value("key_rows", at));
    return rows.map((row) => version.id(row)).filter((id) => !withdrawn.has(id));
  }

  request(id, exclude, missing) {
    const overrides = this.activeOverrides(); // first, since it may load another version
    return new Page(this.loaded, overrides, id, exclude, missing);
  }

  list(page, n, candidates) {
    if (!isCount(n)) throw new RangeError(`n: ${n}`);
    if (page.empty || page.noRelated) return [];
    const block = new Block(page, { key: "related", slots: n, most: n });
    block.pin();
    block.fill(candidates);
    return block.stories();
  }

  related(id, n = 5, exclude = [], missing = "fallback") {
    const page = this.request(id, exclude, missing);
    return this.list(page, n, page.related());
  }

  next(history, n = 5) {
    if (history.length === 0) throw new RangeError("history: one id or more");
    const page = this.request(history[history.length - 1], history, "fallback");
    return this.list(page, n, page.nextFor([...history]));
  }

  page(id, exclude = [], missing = "fallback") {
    const page = this.request(id, exclude, missing);
    if (page.empty) return [];
    const { manifest } = page.version;
    const shown = manifest.page.filter(({ key }) => !(key === "related" && page.noRelated));
    const byPriority = shown.sort((one, other) => one.priority - other.priority); // stable
    const blocks = new Map(byPriority.map((block) => [block.key, new Block(page, block)]));
    for (const block of blocks.values()) block.pin();
    for (const [key, block] of blocks) {
      const { rankings, skip_if_empty } = block.filling;
      if (key === "related") block.fill(page.related());
      else if (!skip_if_empty || block.pins.size || !page.isEmpty(rankings[0]))
        block.fill(page.rankings(rankings));
    }
    return manifest.page.flatMap(({ key, title, title_without_section: other }) => {
      const items = blocks.get(key)?.stories() ?? [];
      const text = page.section ? title : (other ?? title);
      const heading = fillIn(text, page.section).replace(OUTER_SPACES, "");
      return items.length ? [{ key, title: heading, items }] : [];
    });
  }
}

// `clock` returns microseconds since 1970 as a BigInt; it determines the overrides in force.
export function open(directory, { clock = () => BigInt(Date.now()) * 1000n } = {}) {
  return new Reader(directory, clock);
}

// ---- Command line ----

function main(args) {
  const at = args.indexOf("--at");
  const options = {};
  if (at >= 0) {
    const time = parseTime(args.splice(at, 2)[1]);
    options.clock = () => time;
  }
  const [directory, command, id, n = 5] = args;
  if (!["related", "page", "all"].includes(command) || id === undefined) {
    console.error("usage: reader.mjs DIR related ID [N] | page ID | all N   [--at TIME]");
    return 2;
  }
  const site = open(directory, options);
  const print = (answer) => console.log(JSON.stringify(answer));
  if (command === "related") print(site.related(id, Number(n)));
  if (command === "page") print(site.page(id));
  if (command === "all")
    for (const each of site.ids()) print({ id: each, related: site.related(each, Number(id)) });
  return 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href)
  process.exitCode = main(process.argv.slice(2));
