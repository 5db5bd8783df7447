import path from "node:path";
import { colour } from "./theme.ts";

/**
 * The page of all samples: their names beside the one that is looked at, drawn anew when something changed.
 * @param samples their paths, e.g. `documents/order.pdf`
 * @param mailsUrl where React Email's own preview is
 */
export function samplesPage(samples: readonly string[], mailsUrl: string): string {
  const groups = Map.groupBy(
    samples.filter((sample) => !sample.endsWith(".txt")),
    path.dirname,
  );
  const lists = [...groups].map(([name, group]) => `<h2>${name}</h2><ul>${group.map(link).join("")}</ul>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>All samples</title><link rel="icon" href="data:,">
<style>body{margin:0;display:grid;grid-template-columns:270px 1fr;height:100vh;font:14px/1.6 system-ui;color:${colour.ink}}
nav{overflow:auto;padding:8px 20px;border-right:1px solid ${colour.line}}h2{font-size:13px;margin:16px 0 4px;color:${colour.muted}}
ul{list-style:none;margin:0;padding:0}li{display:flex;justify-content:space-between}a{color:${colour.brand}}a[aria-current=true]{font-weight:700}
main{background:${colour.line};overflow:auto}iframe{display:block;border:0;margin:auto;width:100%;height:100%;background:#fff}.narrow iframe{width:375px}</style>
<nav><label><input type="checkbox"> as on a phone</label>${lists.join("")}<h2><a href="${mailsUrl}">React Email's preview</a></h2></nav>
<main><iframe title="sample"></iframe></main>
<script>
const frame = document.querySelector("iframe"), links = [...document.querySelectorAll("nav a[href^='#']")];
function show() {
  const name = location.hash.slice(1) || links[0]?.hash.slice(1) || "none";
  for (const link of links) link.ariaCurrent = link.hash === "#" + name ? "true" : null;
  frame.src = "/" + name + "?" + Date.now();
}
addEventListener("hashchange", show);
document.querySelector("input").onchange = ({ target }) => document.querySelector("main").classList.toggle("narrow", target.checked);
new EventSource("/changes").onmessage = ({ data }) => data === ${JSON.stringify(namesOf(samples))} ? show() : location.reload();
show();
</script></html>`;
}

/** What the page is told after a change: with other samples than it has it loads itself again. */
export const namesOf = (samples: readonly string[]) => samples.join(" ");

/** A mail's text part has a link of its own beside the mail's. */
function link(sample: string): string {
  const text = sample.replace(/\.html$/, ".txt");
  const beside = text === sample ? "" : `<a href="#${text}">text</a>`;
  return `<li><a href="#${sample}">${path.parse(sample).name}</a>${beside}</li>`;
}
