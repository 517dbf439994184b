// expect: output_limit
const fs = require('node:fs');

exports.handler = async (event) => {
  for (;;) fs.writeSync(1, 'x'.repeat(50_000));
};
