/* check.js [--light] PAGE FOLDER [RUN.json...]: opens a report in headless Chromium, as a reader would, and leaves
 * pictures of it in FOLDER: light, dark, 390 px wide, and as a PDF (--light: the first alone). Prints how long the page took.
 * Status 1 with a line for each: an error in the console, a request to a network, a chart without
 * marks, text of charts that is NaN, a page wider than its window, numbers that are not RUN.json's. */
"use strict";
const { readFileSync, writeFileSync, statSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { open } = require("./browser.js");

const words = process.argv.slice(2), lightOnly = words[0] === "--light";
const [page, folder, ...runs] = words.slice(lightOnly ? 1 : 0);
const name = path.basename(page, ".html");
const wrong = [];

async function evaluate(browser, expression) {
  const { result, exceptionDetails } = await browser.send("Runtime.evaluate",
    { expression, returnByValue: true, awaitPromise: true });
  if (exceptionDetails) {
    throw new Error(exceptionDetails.exception.description);
  }
  return result.value;
}

async function load(browser, width, height, scheme, media = "") {
  await browser.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 500 });
  await browser.send("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
  const loaded = browser.once("Page.loadEventFired");
  const start = performance.now();
  await browser.send("Page.navigate", { url: pathToFileURL(path.resolve(page)).href });
  await loaded;
  await evaluate(browser, "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))");
  return performance.now() - start;
}

async function picture(browser, what) {
  const { cssContentSize: size } = await browser.send("Page.getLayoutMetrics");
  const { data } = await browser.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true,
    clip: { x: 0, y: 0, width: size.width, height: Math.min(size.height, 16000), scale: 1 } });
  writeFileSync(path.join(folder, `${name}-${what}.png`), Buffer.from(data, "base64"));
}

async function checkCharts(browser, what) {
  const charts = await evaluate(browser, `[...document.querySelectorAll("figure[data-chart]")].map((f) => ({
    chart: f.dataset.chart + " " + (f.dataset.run || ""),
    marks: f.querySelectorAll("svg path[d], svg circle, svg rect, svg line").length,
    text: f.querySelector(".chart").textContent.slice(0, 80),
    bad: /NaN|undefined|Infinity/.test(f.querySelector(".chart").innerHTML),
    wide: Math.max(0, ...[...f.querySelectorAll("svg")].map((s) => s.getBoundingClientRect().right)) > innerWidth + 1 }))`);
  for (const c of charts) {
    if (c.marks < 3 && !c.text.startsWith("not recorded")) {
      wrong.push(`${what}: chart ${c.chart}: ${c.marks} marks, "${c.text}"`);
    }
    if (c.bad) {
      wrong.push(`${what}: chart ${c.chart} says NaN, undefined or Infinity`);
    }
    if (c.wide) {
      wrong.push(`${what}: chart ${c.chart} is wider than the window`);
    }
  }
  const over = await evaluate(browser, "document.documentElement.scrollWidth - innerWidth");
  if (over > 0) {
    wrong.push(`${what}: the page is ${over} px wider than the window`);
  }
  return charts.length;
}

/* The results' table, read as text, and the charts' data, against run.json as this script reads it. */
async function checkNumbers(browser) {
  const shown = await evaluate(browser, `({
    rows: Object.fromEntries([...document.querySelectorAll("#results tbody tr")].map((r) =>
      [r.cells[0].textContent.trim(), [...r.cells].slice(1).map((c) => c.textContent.trim())])),
    runs: JSON.parse(document.getElementById("data").textContent).runs.map((r) => r.run) })`);
  const rows = [["Test error of the average (SWALP, SWA-FP), %", "test_error_swalp"],
    ["Test error at swa_start (SGD-LP, SGD-FP), %", "test_error_sgd_lp"],
    ["Test error of the last iterate, %", "test_error_last"], ["Digest", "digest"], ["Seed", "seed"],
    ["Steps", "steps"]];
  runs.forEach((file, i) => {
    const want = JSON.parse(readFileSync(file, "utf8"));
    for (const [row, key] of rows) {
      const text = (shown.rows[row] || [])[i];
      const same = typeof want[key] === "number" ? Number(text) === want[key] : want[key] === null || text === want[key];
      if (!same) {
        wrong.push(`${row}: the page says ${text}, ${file} ${want[key]}`);
      }
      if (shown.runs[i][key] !== want[key]) {
        wrong.push(`${key}: the charts have ${shown.runs[i][key]}, ${file} ${want[key]}`);
      }
    }
  });
}

/* On paper, in the dark, on a phone. */
async function lookOtherwise(browser) {
  const { data } = await browser.send("Page.printToPDF", { printBackground: true });
  writeFileSync(path.join(folder, `${name}.pdf`), Buffer.from(data, "base64"));
  await load(browser, 1280, 900, "dark");
  await checkCharts(browser, "dark");
  await picture(browser, "dark");
  await load(browser, 390, 844, "light");
  await checkCharts(browser, "390 px");
  await picture(browser, "390px");
}

async function main() {
  const browser = await open(process.env.CHROMIUM || "chromium");
  browser.on("Runtime.exceptionThrown", (e) => wrong.push(`console: ${e.exceptionDetails.exception.description}`));
  browser.on("Runtime.consoleAPICalled", (e) => wrong.push(`console: ${e.type} ${JSON.stringify(e.args.map((a) => a.value))}`));
  browser.on("Log.entryAdded", (e) => wrong.push(`log: ${e.entry.text}`));
  browser.on("Network.requestWillBeSent", (e) => {
    if (!/^(file|data|about|blob):/.test(e.request.url)) {
      wrong.push(`request: ${e.request.url}`);
    }
  });
  for (const domain of ["Page", "Runtime", "Log", "Network", "Performance"]) {
    await browser.send(`${domain}.enable`);
  }
  const took = await load(browser, 1280, 900, "light");
  const { metrics } = await browser.send("Performance.getMetrics");
  const cpu = metrics.find((m) => m.name === "ProcessTime").value;
  const charts = await checkCharts(browser, "light");
  await checkNumbers(browser);
  await picture(browser, "light");
  if (!lightOnly) {
    await lookOtherwise(browser);
  }
  await browser.close();
  console.log(`${name}: ${charts} charts, ${statSync(page).size} bytes, drawn ${Math.round(took)} ms after opening, ` +
    `${Math.round(1000 * cpu)} ms of the renderer's processor time`);
  wrong.forEach((line) => console.log(`FAIL: ${line}`));
  process.exitCode = wrong.length > 0 || charts === 0 ? 1 : 0;
}

main().catch((error) => {
  console.log(`FAIL: ${error.stack}`);
  process.exit(1);
});
