// expect: memory exception
// wall: 20
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

exports.handler = async (event) => {
  for (let n = 0; n < 1_000; n++) fs.writeFileSync(path.join(os.tmpdir(), String(n)), Buffer.alloc(1_000_000, 1));
  return 'filled';
};
