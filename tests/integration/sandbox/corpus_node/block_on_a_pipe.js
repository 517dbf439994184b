// expect: wall
// wall: 0.5
const fs = require('node:fs');

exports.handler = async (event) => {
  return fs.readSync(event.nothing ?? 1, Buffer.alloc(1));
};
