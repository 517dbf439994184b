// expect: completed
// result: {"a": 1}
exports.handler = async (event) => {
  JSON.stringify = () => '"forged"';
  Buffer.from = () => Buffer.alloc(1);
  Buffer.concat = () => Buffer.alloc(1);
  require('node:fs').writeSync = () => 0;
  process.reallyExit = () => {};
  process.exit = () => {};
  Promise.prototype.catch = () => {};
  process.removeAllListeners();
  Object.prototype.toString = () => 'forged';
  return { a: 1 };
};
