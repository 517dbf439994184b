// expect: memory exception
// wall: 20
const zlib = require('node:zlib');

exports.handler = async (event) => {
  const packed = zlib.gzipSync(Buffer.alloc(100_000_000));
  const kept = [];
  for (;;) kept.push(zlib.gunzipSync(packed));
};
