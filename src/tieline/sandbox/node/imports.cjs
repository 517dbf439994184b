'use strict';
// Enforce a definition's list of packages where the handler's own files import (CommonJS and ESM).
//
// Faithful to the platform, not a wall. What an allowed package imports is its own affair.

const fs = require('node:fs');
const path = require('node:path');
const Module = require('node:module');

function install(work) {
  const allowed = new Set(work.allowed_packages);
  const load = Module._load;
  Module._load = function guardedLoad(request, parent, isMain) {
    check(request, parent?.filename, work.root, allowed);
    return load.call(this, request, parent, isMain);
  };
  const hooks = `data:text/javascript,${encodeURIComponent(HOOKS)}`;
  Module.register(hooks, { data: { allowed: [...allowed], root: work.root, self: __filename } });
}

function check(request, importer, root, allowed) {
  const name = packageOf(request);
  if (name === null || allowed.has(name) || importer === undefined || !isOwn(importer, root)) return;
  const line = lineOf(importer, request);
  const file = path.relative(root, importer) || path.basename(importer);
  const listed = [...allowed].sort().join(', ') || 'none';
  const error = new Error(
    `${file}:${line} imports ${name}, which is not among the allowed packages (${listed})`,
  );
  throw Object.assign(error, { code: 'ERR_PACKAGE_REJECTED', package: name, file, line });
}

function packageOf(request) {
  if (/^(\.{0,2}\/|\.{1,2}$|file:|data:)/.test(request)) return null;
  const parts = request.replace(/^node:/, '').split('/');
  return request.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

function isOwn(file, root) {
  return file.startsWith(root) && !file.includes(`${path.sep}node_modules${path.sep}`);
}

function lineOf(file, request) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const quoted = [`'${request}'`, `"${request}"`, `\`${request}\``];
  return lines.findIndex((line) => quoted.some((text) => line.includes(text))) + 1;
}

// Runs on Node's own loader thread, for import statements and import().
const HOOKS = `
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
let settings, check;
export async function initialize(data) {
  settings = { ...data, allowed: new Set(data.allowed) };
  ({ check } = createRequire(data.self)(data.self));
}
export async function resolve(specifier, context, next) {
  const importer = context.parentURL?.startsWith('file:') ? fileURLToPath(context.parentURL) : undefined;
  check(specifier, importer, settings.root, settings.allowed);
  return next(specifier, context);
}
`;

module.exports = { install, check };
