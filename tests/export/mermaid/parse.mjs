// Parses the flowchart on stdin with Mermaid's own parser and prints its boxes and edges as JSON; exits 1 where it refuses.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!DOCTYPE html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

const text = readFileSync(0, "utf8");
await mermaid.parse(text);
const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
const vertices = [...db.getVertices().values()].map(({ id, text }) => ({ id, text }));
const groups = db.getSubGraphs().map(({ id, title, nodes }) => ({ id, title, nodes }));
const edges = db.getEdges().map(({ start, end, stroke }) => ({ start, end, stroke }));
console.log(JSON.stringify({ vertices, groups, edges }));
