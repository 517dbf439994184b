// expect: completed
const { Worker } = require('node:worker_threads');

exports.handler = async (event) => {
  new Worker('for (;;);', { eval: true });
  return 'gone';
};
