// expect: memory exception
// wall: 20
exports.handler = async (event) => {
  const kept = [];
  for (;;) new Uint8Array((kept[kept.length] = new SharedArrayBuffer(50_000_000))).fill(1);
};
