// Related stories over HTTP, for Node 18 or later, without packages.
//
//     import { related } from "./client.mjs";
//     for (const story of await related(article.id, { exclude: seen })) ...
//
// On the command line: node client.mjs ID

import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";

const BASE = process.env.YMAL_URL ?? "http://127.0.0.1:8000";
const TIMEOUT_MS = 300; // the service is near; the page waits no longer
const MAX_CACHED = 1000;

const cache = new Map(); // from URL to the answer's ETag and stories, the oldest first

// The related stories of an article, each with id, title, url, section, reason and others
// (docs/serving.md). Empty if the service is down or slow, so that the page still renders.
export async function related(id, { n = 5, exclude = [] } = {}) {
  try {
    const query = new URLSearchParams([["n", n], ...exclude.map((seen) => ["exclude", seen])]);
    return await ask(`${BASE}/v1/related/${encodeURIComponent(id)}?${query}`);
  } catch (error) {
    console.error(`related stories of ${id}: ${error.cause ?? error}`);
    return [];
  }
}

async function ask(url) {
  const known = cache.get(url);
  const headers = known ? { "If-None-Match": known.tag } : {};
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.status === 304) return known.items; // version and overrides have not changed
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const { items } = await answer.json();
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value);
  cache.set(url, { tag: answer.headers.get("ETag"), items });
  return items;
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href)
  console.log(JSON.stringify(await related(process.argv[2]), null, 2));
