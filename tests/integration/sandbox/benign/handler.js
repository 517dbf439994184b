// What ordinary handlers do: files in scratch, workers, timers, a few built-in modules.
const crypto = require('node:crypto');
const fs = require('node:fs/promises');
const os = require('node:os');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const squared = (n) =>
  new Promise((resolve, reject) => {
    const code = 'const w = require("node:worker_threads"); w.parentPort.postMessage(w.workerData ** 2)';
    new Worker(code, { eval: true, workerData: n }).on('message', resolve).on('error', reject);
  });

exports.handler = async (event, context) => {
  const file = path.join(os.tmpdir(), crypto.randomUUID());
  await fs.writeFile(file, 'kept');
  const scratch = await fs.readFile(file, 'utf8');
  await new Promise((resolve) => setTimeout(resolve, 1));
  console.log(context.getRemainingTimeInMillis() > 0, new Date().toLocaleString('de-DE'));
  const threads = await Promise.all([1, 2, 3].map(squared));
  return { text: `${process.env.GREETING}, ${event.name}`, scratch, threads };
};
