// expect: crashed memory exception
// wall: 20
const { Worker } = require('node:worker_threads');

exports.handler = async (event) => {
  for (;;) {
    new Worker('setInterval(() => {}, 1000)', { eval: true });
    await new Promise(setImmediate);
  }
};
