/* Headless Chromium over its debugging pipe: messages of the DevTools protocol, each ended by a zero
 * byte, on file descriptors 3 and 4. */
"use strict";
const { spawn } = require("node:child_process");
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");

/* {send(method, params), on(method, listener), once(method), close()}, of one blank page. */
async function open(program) {
  const profile = mkdtempSync(path.join(tmpdir(), "bittrue-chromium-"));
  const child = spawn(program, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-background-networking", "--disable-extensions", "--hide-scrollbars",
    `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank"],
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const waiting = new Map(), listeners = new Map();
  let number = 0, rest = Buffer.alloc(0);

  function receive(message) {
    if (message.id !== undefined) {
      const { resolve, reject } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) {
        reject(new Error(message.error.message));
      } else {
        resolve(message.result);
      }
    } else {
      (listeners.get(message.method) || []).forEach((call) => call(message.params));
    }
  }
  child.stdio[4].on("data", (data) => {
    rest = Buffer.concat([rest, data]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      receive(JSON.parse(rest.subarray(0, end).toString()));
      rest = rest.subarray(end + 1);
    }
  });
  child.on("exit", () => waiting.forEach(({ reject }) => reject(new Error("chromium ended"))));
  child.on("error", (error) => waiting.forEach(({ reject }) => reject(error)));
  child.stdio[3].on("error", () => {});

  function call(method, params, sessionId) {
    const id = ++number;
    child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }
  const on = (method, listener) => listeners.set(method, [...(listeners.get(method) || []), listener]);
  const { targetInfos } = await call("Target.getTargets", {});
  const { sessionId } = await call("Target.attachToTarget",
    { targetId: targetInfos.find((t) => t.type === "page").targetId, flatten: true });
  return {
    send: (method, params = {}) => call(method, params, sessionId),
    on,
    once: (method) => new Promise((resolve) => on(method, resolve)),
    async close() {
      const ended = new Promise((resolve) => child.on("exit", resolve));
      await call("Browser.close", {}).catch(() => {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

module.exports = { open };
