// expect: memory
// wall: 20
exports.handler = async (event) => {
  const kept = [];
  for (;;) kept.push(Buffer.alloc(10_000_000, 1));
};
