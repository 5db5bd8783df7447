/** The document the page lives in, and its mark. */
import { colour, logo } from "@bbws/core/theme.ts";

export const shell = `<!doctype html>
<html lang="en-ZA">
<head>
<meta charset="utf-8">
<title>BBWS order service: the journey of an order</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/page/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/theme.css">
<link rel="stylesheet" href="/page/app.css">
</head>
<body>
<div id="app"><noscript>This page needs JavaScript. Without it: <a href="/docs">API reference</a>, <a href="/inbox">inbox</a>.</noscript></div>
<script type="module" src="/page/app.js"></script>
</body>
</html>`;

export const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${logo.size} ${logo.size}"><path fill="${colour.brand}" d="${logo.beard}"/><path fill="${colour.paper}" d="${logo.moustache}"/></svg>`;
