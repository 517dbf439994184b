// expect: cpu
// wall: 5
// cpu: 0.3
const { Worker } = require('node:worker_threads');

exports.handler = async (event) => {
  for (let i = 0; i < 3; i++) new Worker('for (;;);', { eval: true });
  for (;;);
};
