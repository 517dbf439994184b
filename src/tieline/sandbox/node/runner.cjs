'use strict';
// Inside the worker: read the job, load the handler (CommonJS or ESM), hand over its result.
//
// Everything used after the handler was loaded is bound here first, so that patching a built-in
// changes nothing but the handler's own view of it. The packets are those of jail/wire.py.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Module = require('node:module');
const { pathToFileURL } = require('node:url');
const { Writable } = require('node:stream');
const { randomUUID } = require('node:crypto');

const PACKET_BYTES = 60000;
const NONCE_BYTES = 32;
const LOG_PIECE_BYTES = 32768;
const MOST_TEXT = 8192;
const NOT_DELIVERED = 70;

const { writeSync, readSync } = fs;
const { stringify, parse } = JSON;
const { from: bufferFrom, concat: bufferConcat } = Buffer;
const exit = process.reallyExit.bind(process);
const now = Date.now;

const warden = Number(process.argv[2]);
const scratch = process.argv[3];

const wait = Buffer.alloc(1);
let channel = fs.openSync('/dev/zero', 'r+'); // until the rehearsal is over
let nonce;
let work;
let told = false;

prepareAhead();
rehearse().then(serve);

// What a process does for the first time takes many times longer: functions are compiled, memory is
// mapped. So it all happens once, for a handler of ours, while the slot waits for its job.
async function rehearse() {
  receiveJob();
  const file = path.join(__dirname, 'rehearsal.cjs');
  const context = { client_context: {}, function_name: 'rehearsal', memory_mb: 0 };
  const job = { file, name: 'handler', root: __dirname, event: {}, context };
  takeJob(bufferConcat([Buffer.alloc(NONCE_BYTES), bufferFrom(stringify(job))]));
  send('l', encoded(await answer()));
  send('f', stringify(described(new Error())));
  delete require.cache[file];
  fs.closeSync(channel);
  channel = warden;
}

async function serve() {
  watchForTheEnd();
  const content = receiveJob();
  if (content === null) exit(0);
  takeJob(content);
  prepare();
  try {
    tellResult(await answer());
  } catch (error) {
    tellFailure('exception', error);
  }
}

function receiveJob() {
  writeSync(channel, 'ready');
  const head = Buffer.alloc(4);
  if (readSync(channel, head, 0, 4) < 4) return null;
  const content = Buffer.alloc(head.readUInt32BE(0));
  for (let at = 0; at < content.length; ) {
    const length = readSync(channel, content, at, content.length - at);
    if (length === 0) return null;
    at += length;
  }
  return content;
}

function takeJob(content) {
  nonce = bufferFrom(content.subarray(0, NONCE_BYTES));
  work = parse(content.subarray(NONCE_BYTES).toString('utf8'));
}

// All that needs no job is done while the slot waits for one.
function prepareAhead() {
  for (const name of Object.keys(process.env)) delete process.env[name];
  process.argv.length = 1;
  process.execArgv.length = 0;
  os.tmpdir = () => scratch;
  for (const [name, fd] of [['stdout', 1], ['stderr', 2]]) {
    const stream = new LogStream(fd);
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
  }
  globalThis.console = new console.Console(process.stdout, process.stderr);
  Module.syncBuiltinESMExports();
}

function prepare() {
  process.chdir(work.working_folder);
  Object.assign(process.env, work.environment);
  process.argv.push(work.file);
  if (work.allowed_packages !== null) require('./imports.cjs').install(work);
}

// Every write at once: the handler's process may be ended the moment its result is out.
function LogStream(fd) {
  const stream = new Writable({
    decodeStrings: true,
    write(chunk, _encoding, done) {
      for (let at = 0; at < chunk.length; at += LOG_PIECE_BYTES) {
        writeSync(fd, chunk, at, Math.min(LOG_PIECE_BYTES, chunk.length - at));
      }
      done();
    },
  });
  stream.fd = fd;
  return stream;
}

function watchForTheEnd() {
  process.on('unhandledRejection', (error) => tellFailure('unhandled_rejection', error));
  process.on('uncaughtException', (error) => tellFailure('exception', error));
  process.on('beforeExit', () => {
    tellFailure('no_result', new Error('the handler never settled, and nothing is left to wait for'));
  });
}

async function answer() {
  const started = now();
  const handler = await load();
  const context = {
    clientContext: work.context.client_context,
    functionName: work.context.function_name,
    memoryLimitInMB: String(work.context.memory_mb),
    awsRequestId: randomUUID(),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, work.wall_s * 1000 - (now() - started)),
  };
  return invoke(handler, work.event, context);
}

async function load() {
  const file = work.file;
  let loaded;
  try {
    loaded = isModule(file) ? await import(pathToFileURL(file).href) : Module.createRequire(file)(file);
  } catch (error) {
    if (error === null || typeof error !== 'object' || error.code !== 'ERR_REQUIRE_ESM') throw error;
    loaded = await import(pathToFileURL(file).href);
  }
  const handler = loaded[work.name] ?? loaded.default?.[work.name];
  if (typeof handler !== 'function') {
    throw new TypeError(`${path.basename(file)} exports no function named ${work.name}`);
  }
  return handler;
}

function isModule(file) {
  if (file.endsWith('.mjs')) return true;
  // A file that was named alone may not read what lies beside it.
  if (file.endsWith('.cjs') || file === work.root) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type === 'module';
    } catch {
      if (folder === path.dirname(folder) || folder === work.root) return false;
    }
  }
}

// The older style takes a third parameter and calls it with (error, result).
function invoke(handler, event, context) {
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    const answer = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)));
    if (answer && typeof answer.then === 'function') answer.then(resolve, reject);
  });
}

function tellResult(value) {
  let text;
  try {
    text = encoded(value);
  } catch (error) {
    tellFailure('result_not_json', error);
    return;
  }
  tell('l', text);
}

function encoded(value) {
  const text = stringify(value === undefined ? null : value);
  if (text === undefined) throw new TypeError(`a ${typeof value} is no JSON`);
  return text;
}

function tellFailure(reason, error) {
  const rejected = error?.code === 'ERR_PACKAGE_REJECTED';
  tell('f', stringify({ reason: rejected ? 'package_rejected' : reason, error: described(error) }));
}

function tell(kind, text) {
  if (told) return;
  told = true;
  try {
    send(kind, text);
  } catch {
    exit(NOT_DELIVERED);
  }
  // What was used is read before this process is ended; nothing of the handler's runs meanwhile.
  readSync(channel, wait, 0, 1);
  exit(0);
}

function send(kind, text) {
  let content = bufferFrom(text, 'utf8');
  while (content.length > PACKET_BYTES) {
    sendPacket('p', content.subarray(0, PACKET_BYTES));
    content = content.subarray(PACKET_BYTES);
  }
  sendPacket(kind, content);
}

function sendPacket(kind, content) {
  writeSync(channel, bufferConcat([nonce, bufferFrom(kind), content]));
}

// The error may be anything that can be thrown, with getters that throw in turn.
function described(error) {
  try {
    if (!(error instanceof Error)) return { type: typeof error, message: cut(String(error)), stack: [] };
    const shown = { type: cut(String(error.name)), message: cut(String(error.message)) };
    for (const name of ['package', 'file', 'line']) {
      if (error.code === 'ERR_PACKAGE_REJECTED') shown[name] = error[name];
    }
    shown.stack = frames(String(error.stack));
    return shown;
  } catch {
    return { type: 'Error', message: '(the error has no readable message)', stack: [] };
  }
}

function frames(stack) {
  const found = [];
  for (const line of stack.split('\n').slice(1, 40)) {
    const place = /^\s*at (?:(.*?) \()?(?:file:\/\/)?(\/.*?):(\d+):\d+\)?$/.exec(line);
    if (place && place[2].startsWith(work.root)) {
      found.unshift({
        file: path.relative(work.root, place[2]) || path.basename(place[2]),
        line: Number(place[3]),
        function: place[1] ?? '',
      });
    }
  }
  return found.slice(-20);
}

function cut(text) {
  return text.slice(0, MOST_TEXT);
}
