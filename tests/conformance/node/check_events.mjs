// Holds every event of the server against the schemas of @openai/agents-realtime:
//   check_events.mjs SETUP OPTIONS.json
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
// The package does not export them; these are the files that it parses events and items with.
const files = "./node_modules/@openai/agents-realtime/dist";
const { realtimeServerEventSchema } = await import(`${files}/openaiRealtimeEvents.mjs`);
const { realtimeMessageItemSchema } = await import(`${files}/items.mjs`);

// What the SDK makes of an item before it puts it into the history; there a fault is thrown.
const historyItem = (item) => ({ ...item, itemId: item.id, previousItemId: null });

function faultsOf(event) {
  const checks = [realtimeServerEventSchema.safeParse(event)];
  const isMessage = event.item?.type === "message";
  if (isMessage) checks.push(realtimeMessageItemSchema.safeParse(historyItem(event.item)));
  return checks
    .flatMap((check) => check.error?.issues ?? [])
    .map((issue) => `${event.type}: ${issue.path.join(".")}: ${issue.message}`);
}

const [name, optionsFile] = process.argv.slice(2);
const options = JSON.parse(readFileSync(optionsFile, "utf8"));
const events = join(options.events, `${name}.jsonl`);
const lines = existsSync(events) ? readFileSync(events, "utf8").split("\n").filter(Boolean) : [];
const faults = [...new Set(lines.flatMap((line) => faultsOf(JSON.parse(line))))];
const ok = lines.length > 0 && faults.length === 0;
const detail = faults.join("; ") || `${lines.length} events`;
console.log(`${ok ? "ok     " : "FAILED "} ${name}: zod (@openai/agents-realtime): ${detail}`);
const line = { setup: name, step: "zod", ok, detail };
appendFileSync(join(options.results, `${name}.jsonl`), `${JSON.stringify(line)}\n`);
