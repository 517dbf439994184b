// expect: memory
// wall: 20
exports.handler = async (event) => {
  const kept = [];
  for (;;) kept.push(new Array(10_000).fill({ a: 1 }));
};
